import { describe, expect, it } from 'vitest'
import { decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { VirtualClock } from '#engine/base/clock'
import { emptyBody, type HttpRequest, textBody, valuesBody, whenGone } from '#engine/base/http'
import { certificatePem } from '#engine/base/pki/certificate'
import { issueCertificate, selfSignedAuthority } from '#engine/base/pki/issue'
import { generateEc, privateKeyPem, publicOf } from '#engine/base/pki/keys'
import { goName } from '#engine/base/pki/name'
import { SeededRandom } from '#engine/base/random'
import { ProcessKilled } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { decodeMessage, encodeMessage } from '#engine/linux/net/dns/message'
import { Fabric } from '#engine/linux/net/fabric'
import { MachineNetwork } from '#engine/linux/net/machine'
import type { NetNamespace } from '#engine/linux/net/namespace'
import { restore } from '#engine/linux/net/netfilter/restore'

const get: HttpRequest = { method: 'GET', path: '/hello', headers: {}, body: emptyBody }

function world() {
  const clock = new VirtualClock(Date.UTC(2026, 10, 21))
  const random = new SeededRandom('net')
  const fabric = new Fabric(clock, random)
  const machine = (name: string, address: string) => {
    const network = new MachineNetwork(fabric, name)
    network.plug(fabric.segment('lan'), address, { gateway: '172.30.1.1' })
    network.createNamespace()
    return network
  }
  const process = (network: MachineNetwork, namespace: NetNamespace = network.root, files: Record<string, string> = {}) => {
    const abort = new AbortController()
    const errors: string[] = []
    const fake = {
      pid: 7, argv: ['test'], clock, random, dying: abort.signal, credentials: { euid: 0, capabilities: new Set<string>() },
      files: { exists: (path: string) => (path in files ? {} : undefined), readText: (path: string) => files[path] },
      stderr: { write: (line: string) => { errors.push(line); return Promise.resolve() } },
    } as unknown as Process
    return { net: network.sockets(fake, namespace), kill: () => abort.abort(new ProcessKilled()), errors }
  }
  const settle = async <T>(work: Promise<T>): Promise<T> => {
    let done = false
    void work.finally(() => (done = true)).catch(() => undefined)
    for (let i = 0; i < 200 && !done; i++) {
      await new Promise((resolve) => setImmediate(resolve))
      if (!done) clock.runNext()
    }
    return work
  }
  return { clock, random, fabric, machine, process, settle }
}

describe('connections between machines', () => {
  it('carry bytes both ways until an end is closed', async () => {
    const { machine, process } = world()
    const [server, client] = [process(machine('a', '172.30.1.2/24')), process(machine('b', '172.30.1.3/24'))]
    const listener = server.net.listen({ address: '0.0.0.0', port: 80 })
    const connection = await client.net.connect({ host: '172.30.1.2', port: 80 })
    const accepted = await listener.accept()
    expect(accepted.remote.address).toBe('172.30.1.3')
    await connection.write(encodeUtf8('ping'))
    expect(decodeUtf8((await accepted.read()) ?? new Uint8Array())).toBe('ping')
    connection.close()
    expect(await accepted.read()).toBeNull()
    await expect(accepted.write(encodeUtf8('x'))).rejects.toThrow('Broken pipe')
  })

  it('are refused, time out or find no way, each for its reason', async () => {
    const { machine, process, settle, clock } = world()
    const network = machine('a', '172.30.1.2/24')
    const client = process(network)
    await expect(client.net.connect({ host: '172.30.1.2', port: 81 })).rejects.toThrow('Connection refused')
    await expect(settle(client.net.connect({ host: '172.30.1.77', port: 81 }))).rejects.toThrow('No route to host')
    network.root.routes.remove((route) => route.gateway !== undefined)
    await expect(client.net.connect({ host: '8.8.8.8', port: 81 })).rejects.toThrow('Network is unreachable')
    machine('b', '172.30.1.3/24')
    restore(network.root, '*filter\n-A OUTPUT -d 172.30.1.3/32 -p tcp -m tcp --dport 443 -j DROP\nCOMMIT\n')
    const before = clock.now()
    await expect(settle(client.net.connect({ host: '172.30.1.3', port: 443 }, { timeoutMs: 5000 }))).rejects.toThrow('Connection timed out')
    expect(clock.now() - before).toBe(5000)
    // Longer than Linux tries of itself, and from an odd fraction of a millisecond: the end comes, and the clock goes on.
    clock.advanceTo(clock.now() + 0.1)
    const later = clock.now()
    await expect(settle(client.net.connect({ host: '172.30.1.3', port: 443 }, { timeoutMs: 200_000 }))).rejects.toThrow('Connection timed out')
    expect(Math.round(clock.now() - later)).toBe(127_000)
    await expect(client.net.connect({ host: '172.30.1.3', port: 444 })).rejects.toThrow('Connection refused')
  })

  it('follow DNAT to a pod behind a bridge and come back through masquerading', async () => {
    const { machine, process, settle } = world()
    const node = machine('node', '172.30.1.2/24')
    const pod = node.createNamespace()
    const bridge = node.root.addInterface('cni0', 'bridge')
    node.root.setUp(bridge, true)
    node.root.addAddress(bridge, { address: 0xc0a80101, length: 24 })
    const [near, far] = node.root.addVeth('veth1', pod, 'eth0')
    bridge.ports.add(near)
    near.master = bridge
    node.root.setUp(near, true)
    pod.setUp(far, true)
    pod.addAddress(far, { address: 0xc0a80105, length: 24 })
    pod.routes.add({ destination: { address: 0, length: 0 }, device: far, gateway: 0xc0a80101, scope: 'global', protocol: 'boot', metric: 0, type: 'unicast' })
    node.root.setSysctl('ipv4.ip_forward', '1')
    restore(node.root, [
      '*nat', ':KUBE-SERVICES - [0:0]', ':KUBE-MARK-MASQ - [0:0]', ':KUBE-POSTROUTING - [0:0]',
      '-A PREROUTING -j KUBE-SERVICES', '-A OUTPUT -j KUBE-SERVICES', '-A POSTROUTING -j KUBE-POSTROUTING',
      '-A KUBE-SERVICES -d 10.96.0.9/32 -p tcp -m tcp --dport 80 -j KUBE-MARK-MASQ',
      '-A KUBE-SERVICES -d 10.96.0.9/32 -p tcp -m comment --comment "default/web" -m tcp --dport 80 -j DNAT --to-destination 192.168.1.5:8080',
      '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
      '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN', '-A KUBE-POSTROUTING -j MASQUERADE --random-fully', 'COMMIT', ''].join('\n'))
    const server = process(node, pod)
    const seen: string[] = []
    server.net.serveHttp({ address: '0.0.0.0', port: 8080 }, (request) => {
      seen.push(`${request.peer?.address} ${request.headers.host}`)
      return Promise.resolve({ status: 200, headers: {}, body: textBody('hi') })
    })
    const answer = await process(node).net.request({ host: '10.96.0.9', port: 80 }, get)
    expect(await answer.body.text()).toBe('hi')
    expect(seen).toEqual(['192.168.1.1 10.96.0.9'])
    const other = process(machine('other', '172.30.1.9/24'))
    await expect(settle(other.net.connect({ host: '10.96.0.9', port: 80 }, { timeoutMs: 1 }))).rejects.toThrow('Connection timed out')
  })
})

describe('HTTP', () => {
  it('is parsed for those who send bytes', async () => {
    const { machine, process } = world()
    const network = machine('a', '172.30.1.2/24')
    process(network).net.serveHttp({ address: '0.0.0.0', port: 80 }, async (request) => ({ status: 200, headers: { 'content-type': 'text/plain' }, body: textBody(`${request.method} ${request.path} ${await request.body.text()}`) }))
    const connection = await process(network).net.connect({ host: '127.0.0.1', port: 80 })
    await connection.write(encodeUtf8('POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc'))
    let text = ''
    for (let part = await connection.read(); part !== null; part = await connection.read()) text += decodeUtf8(part)
    expect(text).toBe('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: Sat, 21 Nov 2026 00:00:00 GMT\r\nConnection: close\r\nContent-Length: 11\r\n\r\nPOST /x abc')
  })

  it('is cut when the server is killed, and its handler hears when the client is', async () => {
    const { machine, process } = world()
    const network = machine('a', '172.30.1.2/24')
    const [server, client] = [process(network), process(network)]
    let aborted = false
    server.net.serveHttp({ address: '0.0.0.0', port: 80 }, (request) => {
      request.signal?.addEventListener('abort', () => (aborted = true))
      return Promise.resolve({ status: 200, headers: {}, body: valuesBody((async function* () { yield 1; await new Promise(() => undefined) })(), () => new Uint8Array()) })
    })
    const first = await client.net.request({ host: '127.0.0.1', port: 80 }, get)
    const values = first.body.values?.[Symbol.asyncIterator]()
    expect((await values?.next())?.value).toBe(1)
    const pending = values?.next()
    server.kill()
    await expect(pending).rejects.toThrow('Connection reset by peer')
    await expect(client.net.request({ host: '127.0.0.1', port: 80 }, get)).rejects.toThrow('Connection refused')
    expect(aborted).toBe(true)
  })

  it('tells a handler that its client left, by a signal or without one, until it is told to forget it', async () => {
    const { machine, process } = world()
    const network = machine('a', '172.30.1.2/24')
    const [server, client] = [process(network), process(network)]
    const heard: string[] = []
    server.net.serveHttp({ address: '0.0.0.0', port: 80 }, (request) => {
      whenGone(request, () => heard.push('gone'))
      whenGone(request, () => heard.push('never'))()
      request.signal?.addEventListener('abort', () => heard.push('aborted'))
      return Promise.resolve({ status: 200, headers: {}, body: valuesBody((async function* () { yield 1; await new Promise(() => undefined) })(), () => new Uint8Array()) })
    })
    const leaving = new AbortController()
    const answer = await client.net.request({ host: '127.0.0.1', port: 80 }, { ...get, signal: leaving.signal })
    expect((await answer.body.values?.[Symbol.asyncIterator]().next())?.value).toBe(1)
    leaving.abort()
    expect(heard).toEqual(['aborted', 'gone'])
  })

  it('goes over TLS with checked certificates, and says so where it does not', async () => {
    const { machine, process, random, clock } = world()
    const network = machine('a', '172.30.1.2/24')
    const server = process(network)
    const caKey = generateEc('P-256', random)
    const times = { notBefore: clock.now() - 1000, notAfter: clock.now() + 1e9 }
    const ca = selfSignedAuthority('ca', caKey, { ...times, random })
    const key = generateEc('P-256', random)
    const leaf = issueCertificate({ certificate: ca, key: caKey }, { subject: goName({ commonName: 's' }), publicKey: publicOf(key), usages: ['serverAuth'], dns: ['web'], ips: ['127.0.0.1'], serial: 1n, ...times })
    server.net.serveHttp({ address: '0.0.0.0', port: 443 }, () => Promise.resolve({ status: 200, headers: {}, body: textBody('secret') }), { tls: { identity: () => ({ certificate: certificatePem(leaf), key: privateKeyPem(key) }) } })
    const client = process(network)
    const ask = (tls?: object) => client.net.request({ host: '127.0.0.1', port: 443 }, get, tls ? { tls } : {})
    expect(await (await ask({ roots: certificatePem(ca) })).body.text()).toBe('secret')
    await expect(ask({ roots: '' })).rejects.toThrow('tls: failed to verify certificate: x509: certificate signed by unknown authority')
    await expect(ask({ roots: certificatePem(ca), serverName: 'other' })).rejects.toThrow('x509: certificate is valid for web, not other')
    const plain = await ask()
    expect([plain.status, await plain.body.text()]).toEqual([400, 'Client sent an HTTP request to an HTTPS server.\n'])
  })
})

describe('names', () => {
  it('are looked up in /etc/hosts and then at the servers of /etc/resolv.conf, by the search list', async () => {
    const { machine, process } = world()
    const network = machine('a', '172.30.1.2/24')
    const server = process(network).net.udp({ address: '0.0.0.0', port: 53 })
    const asked: string[] = []
    void (async () => {
      for (;;) {
        const { from, data } = await server.receive()
        const question = decodeMessage(data)
        const name = question.questions[0]?.name ?? ''
        asked.push(`${name} ${question.questions[0]?.type}`)
        const found = name === 'web.default.svc.cluster.local' && question.questions[0]?.type === 'A'
        server.send(from, encodeMessage({ ...question, response: true, code: name.startsWith('web.default') ? 'NOERROR' : 'NXDOMAIN', answers: found ? [{ name, type: 'A', ttl: 30, data: '10.96.0.1' }] : [] }))
      }
    })()
    const client = process(network, network.root, { '/etc/hosts': '10.0.0.9 myhost alias # x\n', '/etc/resolv.conf': 'search default.svc.cluster.local\nnameserver 172.30.1.2\noptions ndots:5\n' })
    expect(await client.net.lookup('alias')).toEqual(['10.0.0.9'])
    expect(await client.net.lookup('web')).toEqual(['10.96.0.1'])
    await expect(client.net.lookup('nosuch')).rejects.toMatchObject({ reason: 'not-found' })
    expect(asked).toContain('nosuch.default.svc.cluster.local AAAA')
    expect(asked.at(-2)).toBe('nosuch A')
  })
})

describe('a network that comes back from a snapshot', () => {
  const again = (network: MachineNetwork): void => {
    network.restore(network.save())
    network.createNamespace()
  }

  it('lets who connects wait for a listener that was there', async () => {
    const { machine, process, settle } = world()
    const server = machine('a', '172.30.1.2/24')
    process(server).net.serveHttp({ address: '0.0.0.0', port: 80 }, () => Promise.resolve({ status: 200, headers: {}, body: textBody('before') }))
    again(server)
    const answer = process(machine('b', '172.30.1.3/24')).net.request({ host: '172.30.1.2', port: 80 }, get)
    await new Promise((resolve) => setImmediate(resolve))
    process(server).net.serveHttp({ address: '0.0.0.0', port: 80 }, () => Promise.resolve({ status: 200, headers: {}, body: textBody('again') }))
    expect(await (await settle(answer)).body.text()).toBe('again')
  })

  it('refuses where the listener does not come back', async () => {
    const { clock, machine, process, settle } = world()
    const server = machine('a', '172.30.1.2/24')
    process(server).net.serveHttp({ address: '0.0.0.0', port: 80 }, () => Promise.resolve({ status: 200, headers: {}, body: emptyBody }))
    again(server)
    const begun = clock.now()
    await expect(settle(process(machine('b', '172.30.1.3/24')).net.request({ host: '172.30.1.2', port: 80 }, get))).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(clock.now() - begun).toBe(3000)
  })
})
