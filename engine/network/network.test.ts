import { describe, expect, it } from 'vitest'
import type { EndpointSlice, Service } from '#engine/api/kinds'
import { VirtualClock } from '#engine/base/clock'
import { SeededRandom } from '#engine/base/random'
import { Fabric } from '#engine/linux/net/fabric'
import { MachineNetwork } from '#engine/linux/net/machine'
import { saveTable } from '#engine/linux/net/netfilter/print'
import { CorefileError, parseCorefile } from '#engine/network/dns/corefile'
import { ConfigError, parseConfig } from '#engine/network/kube-proxy/config'
import { servicePorts } from '#engine/network/kube-proxy/model'
import { Proxier } from '#engine/network/kube-proxy/proxier'

const service = (spec: object): Service => ({ apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'n-ipt', name: 'shop' }, spec: { clusterIP: '10.111.58.189', type: 'NodePort', ports: [{ port: 80, protocol: 'TCP', nodePort: 30080 }], ...spec } }) as Service
const slice = (...addresses: string[]): EndpointSlice => ({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: {}, addressType: 'IPv4', ports: [{ name: '', port: 80, protocol: 'TCP' }], endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true }, nodeName: 'node01' })) }) as unknown as EndpointSlice

function tablesOf(spec: object, ...addresses: string[]): string[] {
  const network = new MachineNetwork(new Fabric(new VirtualClock(0), new SeededRandom('x')), 'node')
  const proxier = new Proxier(network.root, new VirtualClock(0), { clusterCidr: '192.168.0.0/16', masqueradeAll: false, localhostNodePorts: true, masqueradeBit: 14, minSyncPeriodMs: 1000 })
  proxier.set('n-ipt/shop', servicePorts(service(spec), [slice(...addresses)], 'controlplane'))
  proxier.sync()
  return (['nat', 'filter'] as const).flatMap((name) => saveTable(network.root.netfilter.table(name), false).split('\n')).filter((line) => line.includes('n-ipt/shop')).map((line) => line.replace(/(SVC|SEP|EXT|SVL)-[A-Z0-9]+/g, '$1-X')).sort()
}

describe('kube-proxy', () => {
  it('writes the chains of a node port service as recorded on a real node', () => {
    expect(tablesOf({}, '192.168.1.48', '192.168.1.49')).toEqual([
      '-A KUBE-EXT-X -m comment --comment "masquerade traffic for n-ipt/shop external destinations" -j KUBE-MARK-MASQ',
      '-A KUBE-NODEPORTS -d 127.0.0.0/8 -p tcp -m comment --comment "n-ipt/shop" -m tcp --dport 30080 -m nfacct --nfacct-name  localhost_nps_accepted_pkts -j KUBE-EXT-X',
      '-A KUBE-NODEPORTS -p tcp -m comment --comment "n-ipt/shop" -m tcp --dport 30080 -j KUBE-EXT-X',
      '-A KUBE-SEP-X -p tcp -m comment --comment "n-ipt/shop" -m tcp -j DNAT --to-destination 192.168.1.48:80',
      '-A KUBE-SEP-X -p tcp -m comment --comment "n-ipt/shop" -m tcp -j DNAT --to-destination 192.168.1.49:80',
      '-A KUBE-SEP-X -s 192.168.1.48/32 -m comment --comment "n-ipt/shop" -j KUBE-MARK-MASQ',
      '-A KUBE-SEP-X -s 192.168.1.49/32 -m comment --comment "n-ipt/shop" -j KUBE-MARK-MASQ',
      '-A KUBE-SERVICES -d 10.111.58.189/32 -p tcp -m comment --comment "n-ipt/shop cluster IP" -m tcp --dport 80 -j KUBE-SVC-X',
      '-A KUBE-SVC-X ! -s 192.168.0.0/16 -d 10.111.58.189/32 -p tcp -m comment --comment "n-ipt/shop cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ',
      '-A KUBE-SVC-X -m comment --comment "n-ipt/shop -> 192.168.1.48:80" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-X',
      '-A KUBE-SVC-X -m comment --comment "n-ipt/shop -> 192.168.1.49:80" -j KUBE-SEP-X',
    ])
  })

  it('rejects what has no endpoints', () => {
    expect(tablesOf({})).toEqual([
      '-A KUBE-EXTERNAL-SERVICES -p tcp -m comment --comment "n-ipt/shop has no endpoints" -m addrtype --dst-type LOCAL -m tcp --dport 30080 -j REJECT --reject-with icmp-port-unreachable',
      '-A KUBE-SERVICES -d 10.111.58.189/32 -p tcp -m comment --comment "n-ipt/shop has no endpoints" -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable',
    ])
  })

  it('keeps a client at its endpoint by recent lists, and drops external traffic that may only stay local', () => {
    const rules = tablesOf({ sessionAffinity: 'ClientIP', externalTrafficPolicy: 'Local' }, '192.168.1.48')
    expect(rules).toContain('-A KUBE-SVC-X -m comment --comment "n-ipt/shop -> 192.168.1.48:80" -m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-X --mask 255.255.255.255 --rsource -j KUBE-SEP-X')
    expect(rules).toContain('-A KUBE-EXTERNAL-SERVICES -p tcp -m comment --comment "n-ipt/shop has no local endpoints" -m addrtype --dst-type LOCAL -m tcp --dport 30080 -j DROP')
  })

  it('refuses a mode it does not know in the words of the real one', () => {
    const config = (mode: string): string => `apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: ${mode}\n`
    expect(() => parseConfig(config('iptable'), 'x')).toThrow(new ConfigError('failed validate: KubeProxyConfiguration.Mode.ProxyMode: Invalid value: "iptable": must be iptables, ipvs, nftables or blank (blank means the best-available proxy [currently iptables])'))
  })
})

describe('a Corefile', () => {
  it('is read into server blocks with their plugins', () => {
    const [block] = parseCorefile('.:53 {\n  errors\n  forward . 8.8.8.8 { # upstream\n    max_concurrent 10\n  }\n}\n', 'Corefile')
    expect(block?.keys).toEqual(['.:53'])
    expect(block?.directives.map((each) => [each.name, each.args, each.block?.[0]?.words])).toEqual([['errors', [], undefined], ['forward', ['.', '8.8.8.8'], ['max_concurrent', '10']]])
  })

  it('with a missing brace says where', () => {
    expect(() => parseCorefile('.:53 {\n  errors\n', 'Corefile')).toThrow(CorefileError)
    expect(() => parseCorefile('}\n', 'Corefile')).toThrow("Corefile:1 - Error during parsing: Unexpected '}' because no matching opening brace")
  })
})

describe('a saved network', () => {
  it('comes back with its inodes, cables, routes and tables', () => {
    const fabric = new Fabric(new VirtualClock(0), new SeededRandom('x'))
    const network = new MachineNetwork(fabric, 'node')
    network.plug(fabric.segment('lan'), '172.30.1.2/24', { gateway: '172.30.1.1' })
    network.createNamespace()
    const pod = network.createNamespace()
    network.root.addVeth('veth0', pod, 'eth0')
    const other = new MachineNetwork(new Fabric(new VirtualClock(0), new SeededRandom('x')), 'node')
    other.restore(JSON.parse(JSON.stringify(network.save())))
    expect(other.createNamespace().inode).toBe(network.root.inode)
    expect(other.root.interfaces.get('veth0')?.peer?.namespace.inode).toBe(pod.inode)
    expect(JSON.stringify(other.save())).toBe(JSON.stringify(network.save()))
  })
})
