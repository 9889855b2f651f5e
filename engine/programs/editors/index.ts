import type { Program } from '#engine/linux/abi/program'

export const editorPrograms: readonly Program[] = []
