/** Programs of the network, and the daemons of a cluster's network. */
import type { Program } from '#engine/linux/abi/program'
import { cniPrograms } from '#engine/network/cni/programs'
import { coredns } from '#engine/network/dns/program'
import { kubeProxy } from '#engine/network/kube-proxy/program'

export const networkPrograms: readonly Program[] = [...cniPrograms, kubeProxy, coredns]
