/** What every kubeadm command works with: the process, its words, its API client, other programs of the machine. */
import type { KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { Client } from '#engine/client/client'
import { clientConfigFromFile } from '#engine/client/config'
import { dialTransport } from '#engine/client/dial'
import type { ResourceRef } from '#engine/client/resources'
import * as resources from '#engine/client/resources'
import { kubeadmVersion } from './configuration'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { exitCodeOf } from '#engine/linux/abi/signals'

/** A failure that ends the command; the message stands after `error: `. */
export class KubeadmError extends Error {
  override readonly name = 'KubeadmError'
}

/** `error execution phase NAME: MESSAGE` around what a phase throws. */
export async function phase<T>(name: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'ProcessKilled') throw error
    throw new KubeadmError(`error execution phase ${name}: ${goMessage(error)}`)
  }
}

/** An error as Go's packages would word it. */
export function goMessage(error: Error): string {
  if (isErrno(error)) return error.subject ? `open ${error.subject}: ${error.message.toLowerCase()}` : error.message.toLowerCase()
  return error.message
}

export class Session {
  constructor(readonly process: Process) {}

  /** The release of this kubeadm, which its executable carries. */
  get release(): string {
    return this.process.executable.attributes['version'] ?? kubeadmVersion
  }

  readonly say = (line: string): Promise<void> => this.process.stdout.write(`${line}\n`)

  /** A klog warning on standard error. */
  warn(source: string, text: string): Promise<void> {
    const at = new Date(this.process.clock.now()).toISOString()
    return this.process.stderr.write(`W${at.slice(5, 7)}${at.slice(8, 10)} ${at.slice(11, 23)}000 ${String(this.process.pid).padStart(7)} ${source}] ${text}\n`)
  }

  /** The name this machine registers as. */
  hostname(): string {
    return this.process.uname().nodename.toLowerCase()
  }

  client(kubeconfig: string): Client {
    const { files } = this.process
    if (!files.exists(kubeconfig)) throw new KubeadmError(`couldn't create a Kubernetes client from file "${kubeconfig}": failed to load admin kubeconfig: open ${kubeconfig}: no such file or directory`)
    const read = (path: string): string => files.readText(path)
    return this.clientOf(() => clientConfigFromFile(read, kubeconfig))
  }

  clientOf(config: () => Parameters<typeof dialTransport>[0]): Client {
    const read = (path: string): string => this.process.files.readText(path)
    const dialed = dialTransport(config(), this.process.net, read, { wordFailures: true })
    const withTimeout = (path: string): string => `${path}${path.includes('?') ? '&' : '?'}timeout=10s`
    return new Client({ request: (request) => dialed.request({ ...request, path: withTimeout(request.path) }) }, { userAgent: `kubeadm/${this.release} (linux/amd64) kubernetes` })
  }

  /** Runs a program of the machine by its path in PATH; its output is dropped. */
  async run(...argv: string[]): Promise<number> {
    const path = this.find(argv[0] ?? '')
    if (!path) return 127
    const sink = this.process.files.open('/dev/null', { read: true, write: true })
    const child = this.process.spawn(path, argv, { descriptors: new Map([[0, sink], [1, sink], [2, sink]]) })
    return exitCodeOf(await child.wait())
  }

  find(program: string): string | undefined {
    const directories = (this.process.env.get('PATH') ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin').split(':')
    return directories.map((directory) => `${directory}/${program}`).find((path) => this.process.files.exists(path)?.type === 'file')
  }

  /** Polls until it holds; false after `limitMs`. */
  async waitFor(limitMs: number, everyMs: number, holds: () => Promise<boolean>): Promise<boolean> {
    const until = this.process.clock.now() + limitMs
    for (;;) {
      if (await holds()) return true
      if (this.process.clock.now() >= until) return false
      await this.process.clock.sleep(everyMs)
    }
  }

  /** Creates an object, or brings one that is there to the wanted content. */
  async apply(client: Client, object: KubeObject): Promise<void> {
    const api = client.of(resourceOf(object))
    try {
      await api.create(object)
    } catch (error) {
      // A Service that is there holds its address: the API server complains of that first.
      if (!isReason(error, 'AlreadyExists') && !(object.kind === 'Service' && isReason(error, 'Invalid'))) throw error
      const current = await api.get(object.metadata.namespace ?? '', object.metadata.name ?? '')
      await api.update({ ...object, metadata: { ...object.metadata, resourceVersion: current.metadata.resourceVersion ?? '' } })
    }
  }
}

const byKind: Readonly<Record<string, ResourceRef>> = {
  ConfigMap: resources.configMaps,
  Secret: resources.secrets,
  ServiceAccount: resources.serviceAccounts,
  Service: resources.services,
  Deployment: resources.deployments,
  DaemonSet: resources.daemonSets,
  Role: resources.roles,
  RoleBinding: resources.roleBindings,
  ClusterRole: resources.clusterRoles,
  ClusterRoleBinding: resources.clusterRoleBindings,
}

function resourceOf(object: KubeObject): ResourceRef {
  const found = byKind[object.kind]
  if (!found) throw new KubeadmError(`kubeadm does not write objects of kind ${object.kind}`)
  return found
}
