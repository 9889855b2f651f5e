import { describe, expect, it } from 'vitest'
import { SeededRandom } from '#engine/base/random'
import { startTestServer } from '#engine/apiserver/testing'
import { Client } from '#engine/client/client'
import * as refs from '#engine/client/resources'
import type { RecordType } from '#engine/linux/net/dns/message'
import { KubernetesNames, type KubernetesOptions } from './kubernetes'
import type { PluginHost } from './plugin'

const settle = async (): Promise<void> => {
  for (let i = 0; i < 40; i++) await new Promise<void>((resolve) => setImmediate(resolve))
}
const options: KubernetesOptions = { zones: ['cluster.local.', 'in-addr.arpa.'], ttl: 30, pods: 'insecure', fallthrough: undefined, namespaces: [], ignoreEmptyService: false, endpointPodNames: false }

/** A namespace `shop` with a service, a headless one with a named pod, and an alias. */
async function names() {
  const { clock, transport, server } = await startTestServer()
  const client = new Client(transport())
  await client.of(refs.namespaces).create({ metadata: { name: 'shop' } })
  const service = (name: string, spec: object) => client.of(refs.services).create({ metadata: { name, namespace: 'shop' }, spec } as never)
  await service('web', { clusterIP: '10.96.0.77', selector: { app: 'web' }, ports: [{ name: 'http', port: 80 }] })
  await service('db', { clusterIP: 'None', selector: { app: 'db' }, ports: [{ name: 'sql', port: 5432 }] })
  await service('alias', { type: 'ExternalName', externalName: 'www.example.com' })
  await client.of(refs.endpointSlices).create({ metadata: { name: 'db-x', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'db' } }, addressType: 'IPv4', ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }], endpoints: [{ addresses: ['192.168.1.5'], hostname: 'db-0', conditions: { ready: true } }] } as never)
  const stop = new AbortController()
  const host = { clock, random: new SeededRandom('dns'), file: 'Corefile', signal: stop.signal, log: () => undefined } as unknown as PluginHost
  const plugin = new KubernetesNames(client, host, options)
  plugin.start(stop.signal)
  await settle()
  return {
    ask(name: string, type: RecordType = 'A') {
      const answer = plugin.answer({ question: { name, type }, name: `${name}.`, from: { address: '192.168.1.9', port: 4000 }, id: 1, transport: 'udp' } as never)
      return answer && [answer.code, ...answer.answers.map((record) => `${record.type} ${record.data}`)]
    },
    stop: () => { stop.abort(); server.stop() },
  }
}

describe('cluster DNS', () => {
  it('knows services by their names, and their ports by SRV records', async () => {
    const dns = await names()
    expect(dns.ask('web.shop.svc.cluster.local')).toEqual(['NOERROR', 'A 10.96.0.77'])
    expect(dns.ask('_http._tcp.web.shop.svc.cluster.local', 'SRV')).toEqual(['NOERROR', 'SRV 0 100 80 web.shop.svc.cluster.local.'])
    expect(dns.ask('web.shop.svc.cluster.local', 'AAAA')).toEqual(['NOERROR'])
    dns.stop()
  })

  it('gives a headless service\'s endpoints, each with a name of its own', async () => {
    const dns = await names()
    expect(dns.ask('db.shop.svc.cluster.local')).toEqual(['NOERROR', 'A 192.168.1.5'])
    expect(dns.ask('db-0.db.shop.svc.cluster.local')).toEqual(['NOERROR', 'A 192.168.1.5'])
    dns.stop()
  })

  it('follows aliases, answers for addresses of pods, and turns addresses back into names', async () => {
    const dns = await names()
    expect(dns.ask('alias.shop.svc.cluster.local')).toEqual(['NOERROR', 'CNAME www.example.com.'])
    expect(dns.ask('192-168-1-5.shop.pod.cluster.local')).toEqual(['NOERROR', 'A 192.168.1.5'])
    expect(dns.ask('77.0.96.10.in-addr.arpa', 'PTR')).toEqual(['NOERROR', 'PTR web.shop.svc.cluster.local.'])
    dns.stop()
  })

  it('denies what is not there, and leaves other zones to the next plugin', async () => {
    const dns = await names()
    expect(dns.ask('nope.shop.svc.cluster.local')).toEqual(['NXDOMAIN'])
    expect(dns.ask('web.other.svc.cluster.local')).toEqual(['NXDOMAIN'])
    expect(dns.ask('www.example.com')).toBeUndefined()
    dns.stop()
  })
})
