/** The plugins as programs; on disk they are /opt/cni/bin/NAME. */
import type { Program } from '#engine/linux/abi/program'
import { bridge } from '#engine/network/cni/bridge'
import { hostLocal } from '#engine/network/cni/host-local'
import { loopback } from '#engine/network/cni/loopback'
import { portmap } from '#engine/network/cni/portmap'
import { CniError, cniProgram, type CniPlugin } from '#engine/network/cni/protocol'

/** The other plugins of the project's release: they answer, and say that they do nothing. */
export const unsupportedPlugins = ['bandwidth', 'dhcp', 'firewall', 'host-device', 'ipvlan', 'macvlan', 'ptp', 'sbr', 'static', 'tuning', 'vlan', 'vrf'] as const

export const cniPrograms: readonly Program[] = [
  cniProgram('cni-bridge', 'CNI bridge plugin', bridge),
  cniProgram('cni-host-local', 'CNI host-local plugin', hostLocal),
  cniProgram('cni-loopback', 'CNI loopback plugin', loopback),
  cniProgram('cni-portmap', 'CNI portmap plugin', portmap),
  ...unsupportedPlugins.map((name): Program => ({ ...cniProgram(`cni-${name}`, `CNI ${name} plugin`, refusing(name)), unsupported: 'every command but VERSION' })),
]

function refusing(name: string): CniPlugin {
  const refuse = (): Promise<never> => Promise.reject(new CniError(999, `the ${name} plugin is not supported by this machine`))
  return { add: refuse, del: refuse }
}
