/**
 * The machine that is the network's router and the rest of the world: it answers names, is the internet's registries, and
 * is where requests from outside the simulation enter. No candidate logs in to it.
 */
import type { Clock } from '#engine/base/clock'
import { bytesBody, type HttpRequest, type HttpResponse } from '#engine/base/http'
import type { KeySource } from '#engine/base/pki/keys'
import type { Random } from '#engine/base/random'
import { TreeFileSystem, type TreeSnapshot } from '#engine/linux/fs/cow/tree'
import type { Process } from '#engine/linux/abi/process'
import { Machine, type MachineSnapshot } from '#engine/linux/machine'
import type { Fabric } from '#engine/linux/net/fabric'
import { MachineNetwork } from '#engine/linux/net/machine'
import { openRegistryRoot, serveInternet } from './internet'
import type { ClusterProfile } from './profiles'
import type { OutsidePeer } from './session'

export const gatewayName = 'gateway'

export interface GatewayOptions {
  readonly fabric: Fabric
  readonly clock: Clock
  readonly random: Random
  readonly profile: ClusterProfile
  readonly keys?: KeySource
  /** What was pushed to the open registry before a snapshot. */
  readonly disk?: TreeSnapshot
}

export interface Gateway {
  readonly machine: Machine
  /** Its disk, where there is anything on it. */
  snapshot(): MachineSnapshot | undefined
  /** Dials the API server from here, vouching for the client certificates that the outer TLS has proven. */
  apiRequest(request: HttpRequest, peer: OutsidePeer): Promise<HttpResponse>
}

export function gatewayMachine(options: GatewayOptions): Gateway {
  const { fabric, clock, random, profile } = options
  const network = new MachineNetwork(fabric, 'gateway')
  network.plug(fabric.segment('lan'), `${profile.gateway}/${profile.prefixLength}`)
  network.root.setSysctl('ipv4.ip_forward', '1')
  // The internet beyond says nothing: what is sent to nobody is lost, as behind a real router.
  network.root.routes.add({ destination: { address: 0, length: 0 }, scope: 'global', protocol: 'static', metric: 0, type: 'blackhole' })
  let entry: Process | undefined
  const machine = new Machine({
    name: gatewayName,
    clock,
    random,
    programs: new Map(),
    network,
    disk: options.disk ?? new TreeFileSystem(() => clock.now(), { type: 'ext4' }).snapshot(),
    ...(options.keys ? { keys: options.keys } : {}),
    init: async (process) => {
      entry = process
      serveInternet(process, network, profile)
      await new Promise<never>(() => undefined)
      return 0
    },
  })
  const server = profile.machines.find((candidate) => candidate.role === 'control-plane')
  return {
    machine,
    snapshot: () => (entry?.files.exists(openRegistryRoot) ? { name: gatewayName, disk: machine.disk.snapshot(), running: undefined } : undefined),
    apiRequest: async (request, peer) => {
      if (!entry || !server) throw new Error('the gateway is not up')
      const body = bytesBody(await request.body.bytes())
      return entry.net.request({ host: server.address, port: 6443 }, { ...request, body }, {
        ...(request.signal ? { signal: request.signal } : {}),
        tls: { insecureSkipVerify: true, ...(peer.certificates.length > 0 ? { vouched: peer.certificates } : {}) },
      })
    },
  }
}
