import type { Program } from '#engine/linux/abi/program'
import { helm } from './helm'

export const helmPrograms: readonly Program[] = [helm]
