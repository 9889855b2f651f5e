/** `loopback`: brings up lo in the pod. */
import { type CniPlugin, namespaceAt, sandboxOf } from '#engine/network/cni/protocol'

export const loopback: CniPlugin = {
  add(call) {
    const pod = sandboxOf(call)
    const lo = pod.interfaces.get('lo')
    if (lo) {
      pod.addAddress(lo, { address: 0x7f000001, length: 8 })
      pod.setUp(lo, true)
    }
    const result = call.config.prevResult ?? { cniVersion: call.config.cniVersion ?? '1.0.0', interfaces: [{ name: 'lo', mac: '00:00:00:00:00:00', sandbox: call.netns }], ips: [{ interface: 0, address: '127.0.0.1/8' }], dns: {} }
    return Promise.resolve(result)
  },
  del(call) {
    const pod = namespaceAt(call)
    const lo = pod?.interfaces.get('lo')
    if (pod && lo) pod.setUp(lo, false)
    return Promise.resolve()
  },
}
