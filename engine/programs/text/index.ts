import type { Program } from '#engine/linux/abi/program'

export const textPrograms: readonly Program[] = []
