/** Programs of the network, and the CNI plugins. */
import type { Program } from '#engine/linux/abi/program'
import { cniPrograms } from '#engine/network/cni/programs'

export const networkPrograms: readonly Program[] = [...cniPrograms]
