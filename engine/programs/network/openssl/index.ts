import type { Program } from '#engine/linux/abi/program'

export const opensslPrograms: readonly Program[] = []
