import type { Program } from '#engine/linux/abi/program'
import { kubectl } from './kubectl'

export const kubectlPrograms: readonly Program[] = [kubectl]
