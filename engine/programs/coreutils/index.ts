import type { Program } from '#engine/linux/abi/program'

export const coreutilsPrograms: readonly Program[] = []
