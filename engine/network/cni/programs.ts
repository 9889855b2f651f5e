/** The plugins as programs; on disk they are /opt/cni/bin/NAME. */
import type { Program } from '#engine/linux/abi/program'
import { bridge } from '#engine/network/cni/bridge'
import { hostLocal } from '#engine/network/cni/host-local'
import { loopback } from '#engine/network/cni/loopback'
import { portmap } from '#engine/network/cni/portmap'
import { cniProgram } from '#engine/network/cni/protocol'

export const cniPrograms: readonly Program[] = [
  cniProgram('cni-bridge', 'CNI bridge plugin', bridge),
  cniProgram('cni-host-local', 'CNI host-local plugin', hostLocal),
  cniProgram('cni-loopback', 'CNI loopback plugin', loopback),
  cniProgram('cni-portmap', 'CNI portmap plugin', portmap),
]
