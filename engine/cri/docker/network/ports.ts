/** Published ports: who has which, a proxy process that really listens, and the rules for callers from elsewhere. */
import type { ChildProcess } from '#engine/linux/abi/process'
import { isErrno } from '#engine/linux/abi/errno'
import { lookUp } from '#engine/cri/containerd/lookup'
import type { DockerHost } from '../host'
import { netNamespace } from '../host'
import { badParameter, type ContainerRecord, type PortMap, serverError } from '../model'
import type { Bridges } from './bridge'

interface Published { readonly container: string; readonly protocol: string; readonly hostIp: string; readonly hostPort: number; readonly address: string; readonly port: number; readonly device: string; proxy?: ChildProcess | undefined }

const firstEphemeral = 32_768
const lastEphemeral = 60_999

export class Ports {
  private readonly published: Published[] = []
  private nextEphemeral = firstEphemeral

  constructor(private readonly host: DockerHost, private readonly bridges: Bridges) {}

  /** Publishes what a container asks for at its address; what it got, as inspect tells it. */
  async publish(record: ContainerRecord, endpointName: string, endpointId: string, address: string, device: string): Promise<void> {
    try {
      for (const { protocol, port, hostIp, hostPort } of requested(record)) await this.open(record, protocol, port, hostIp, hostPort, address, device)
    } catch (error) {
      this.release(record.id)
      if (!(error instanceof PortProblem)) throw error
      throw serverError(`driver failed programming external connectivity on endpoint ${endpointName} (${endpointId}): ${error.message}`)
    }
  }

  release(container: string): void {
    for (const each of this.published.filter((other) => other.container === container)) {
      this.published.splice(this.published.indexOf(each), 1)
      each.proxy?.kill('SIGKILL')
      this.bridges.remove(linesOf(each))
    }
  }

  /** `NetworkSettings.Ports`: exposed ones too, without bindings. */
  shown(record: ContainerRecord): PortMap {
    const out: PortMap = {}
    for (const port of Object.keys(record.config.ExposedPorts ?? {})) out[port] = null
    for (const each of this.published.filter((other) => other.container === record.id)) {
      const key = `${each.port}/${each.protocol}`
      const bindings = each.hostIp === '' ? ['0.0.0.0', '::'] : [each.hostIp]
      out[key] = [...(out[key] ?? []), ...bindings.map((HostIp) => ({ HostIp, HostPort: String(each.hostPort) }))]
    }
    return out
  }

  private async open(record: ContainerRecord, protocol: string, port: number, hostIp: string, wanted: number, address: string, device: string): Promise<void> {
    const shownIp = hostIp === '' ? '0.0.0.0' : hostIp
    const hostPort = wanted === 0 ? this.ephemeral(protocol) : wanted
    if (this.taken(protocol, shownIp, hostPort)) throw new PortProblem(`Bind for ${shownIp}:${hostPort} failed: port is already allocated`)
    const entry: Published = { container: record.id, protocol, hostIp, hostPort, address, port, device }
    if (this.host.config.userlandProxy) entry.proxy = await this.startProxy(entry, shownIp)
    this.published.push(entry)
    this.bridges.add(linesOf(entry))
  }

  private taken(protocol: string, ip: string, port: number): boolean {
    return this.published.some((other) => other.protocol === protocol && other.hostPort === port && (other.hostIp === ip || other.hostIp === '' || other.hostIp === '0.0.0.0' || ip === '0.0.0.0'))
  }

  private ephemeral(protocol: string): number {
    for (let tried = 0; tried <= lastEphemeral - firstEphemeral; tried++) {
      const port = this.nextEphemeral
      this.nextEphemeral = port === lastEphemeral ? firstEphemeral : port + 1
      if (!this.taken(protocol, '0.0.0.0', port) && !netNamespace(this.host.process).sockets.listeners().some((each) => each.port === port)) return port
    }
    throw new PortProblem('all ports are allocated')
  }

  /** docker-proxy tells on its third descriptor whether it listens. */
  private async startProxy(entry: Published, ip: string): Promise<ChildProcess> {
    const { process } = this.host
    const path = lookUp(process, 'docker-proxy')
    if (path === undefined) throw new PortProblem('Error starting userland proxy: exec: "docker-proxy": executable file not found in $PATH')
    const ready = process.pipe()
    let child: ChildProcess
    try {
      child = process.spawn(path, [path, '-proto', entry.protocol, '-host-ip', ip, '-host-port', String(entry.hostPort), '-container-ip', entry.address, '-container-port', String(entry.port)], { descriptors: new Map([[3, ready.writer]]) })
    } catch (error) {
      if (!isErrno(error)) throw error
      throw new PortProblem(`Error starting userland proxy: fork/exec ${path}: ${error.message.toLowerCase()}`)
    }
    const told = new TextDecoder().decode((await ready.reader.read()) ?? new Uint8Array(0))
    ready.reader.release()
    process.background(async () => void (await child.wait()))
    if (!told.startsWith('0')) throw new PortProblem(`Error starting userland proxy: ${told.slice(2)}`)
    return child
  }
}

class PortProblem extends Error {
  override readonly name = 'PortProblem'
}

interface Requested { readonly protocol: string; readonly port: number; readonly hostIp: string; readonly hostPort: number }

function requested(record: ContainerRecord): Requested[] {
  const { PortBindings: bindings, PublishAllPorts: all } = record.hostConfig
  const named = Object.entries(bindings).flatMap(([key, wanted]) => (wanted ?? []).map((binding) => ({ ...splitPort(key), hostIp: binding.HostIp, hostPort: hostPortOf(binding.HostPort) })))
  const exposed = all ? Object.keys(record.config.ExposedPorts ?? {}).filter((key) => !(key in bindings)).map((key) => ({ ...splitPort(key), hostIp: '', hostPort: 0 })) : []
  return [...named, ...exposed].sort((a, b) => a.port - b.port)
}

function splitPort(key: string): { port: number; protocol: string } {
  const [port = '', protocol = 'tcp'] = key.split('/')
  return { port: Number(port), protocol }
}

/** Of a range the first: `8000-8010`. */
function hostPortOf(text: string): number {
  if (text === '') return 0
  const port = Number(text.split('-')[0])
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw badParameter(`invalid port specification: "${text}"`)
  return port
}

function linesOf({ protocol, hostIp, hostPort, address, port, device }: Published): (readonly ['nat' | 'filter', string, string])[] {
  const to = hostIp === '' || hostIp === '0.0.0.0' ? '' : `-d ${hostIp}/32 `
  const match = `-p ${protocol} -m ${protocol}`
  return [
    ['nat', 'POSTROUTING', `-s ${address}/32 -d ${address}/32 ${match} --dport ${port} -j MASQUERADE`],
    ['nat', 'DOCKER', `${to}! -i ${device} ${match} --dport ${hostPort} -j DNAT --to-destination ${address}:${port}`],
    ['filter', 'DOCKER', `-d ${address}/32 ! -i ${device} -o ${device} ${match} --dport ${port} -j ACCEPT`],
  ]
}
