import type { Program } from '#engine/linux/abi/program'

export const archivePrograms: readonly Program[] = []
