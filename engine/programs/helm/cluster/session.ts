/** One invocation's way to the cluster, made when first needed. */
import type { HttpResponse } from '#engine/base/http'
import type { KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { Client, decode } from '#engine/client/client'
import { dialTransport } from '#engine/client/dial'
import type { Process } from '#engine/linux/abi/process'
import type { Invocation } from '#engine/programs/common/cobra/command'
import type { Flags } from '#engine/programs/common/cobra/flags'
import { type Connection, resolveConnection } from '#engine/programs/common/kube/config'
import { Discovery, type Mapping } from '#engine/programs/common/kube/discovery'
import { contextProblem, InvalidConfiguration } from '#engine/programs/common/kube/usable'
import { kubeOverrides } from '../cli/globals'
import type { Capabilities } from '../render/capabilities'

export class HelmSession {
  readonly process: Process
  readonly flags: Flags
  private connection: Connection | undefined
  private wire: Client | undefined
  private found: Promise<Discovery> | undefined

  constructor(invocation: Pick<Invocation, 'process' | 'flags'>) {
    this.process = invocation.process
    this.flags = invocation.flags
  }

  /** A kubeconfig that cannot be read is told once the cluster is asked. */
  get namespace(): string {
    const given = this.flags.string('namespace') || this.process.env.get('HELM_NAMESPACE')
    if (given) return given
    try {
      return this.connect().namespace
    } catch {
      return 'default'
    }
  }

  private connect(): Connection {
    this.connection ??= resolveConnection(this.process, kubeOverrides(this.process, this.flags))
    return this.connection
  }

  private get contextGiven(): string {
    return this.flags.string('kube-context') || (this.process.env.get('HELM_KUBECONTEXT') ?? '')
  }

  client(): Client {
    if (this.wire) return this.wire
    const { config } = this.connect()
    if (config.exec) throw new Error('exec plugin: credential plugins are not simulated for helm; use a certificate or a token')
    const dialed = dialTransport(config, this.process.net, (path) => this.process.files.readText(path), { wordFailures: true })
    this.wire = new Client({ request: async (request) => await this.showWarnings(await dialed.request(request)) }, { userAgent: 'Helm/3.19.2' })
    return this.wire
  }

  /** Warnings of the server go to standard error as client-go logs them. */
  private async showWarnings(response: HttpResponse): Promise<HttpResponse> {
    const header = response.headers['warning']
    if (!header) return response
    for (const match of header.matchAll(/\b299 \S+ "((?:[^"\\]|\\.)*)"/g))
      await this.process.stderr.write(`${this.stamp()} warnings.go:110] ${JSON.stringify(`Warning: ${(match[1] as string).replace(/\\(.)/g, '$1')}`)}\n`)
    return response
  }

  private stamp(): string {
    const now = this.process.clock.now()
    const date = new Date(now)
    const two = (value: number): string => String(value).padStart(2, '0')
    const micros = String(Math.floor((now % 1000) * 1000)).padStart(6, '0')
    return `I${two(date.getUTCMonth() + 1)}${two(date.getUTCDate())} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}.${micros} ${String(this.process.pid).padStart(7)}`
  }

  /** Throws `Kubernetes cluster unreachable: ...`. */
  async reach(): Promise<void> {
    await this.serverVersion()
  }

  private async serverVersion(): Promise<string> {
    try {
      const version = await this.client().json<{ gitVersion?: string }>('GET', '/version')
      return version.gitVersion ?? ''
    } catch (error) {
      if ((error as Error).name === 'ProcessKilled') throw error
      throw new Error(`Kubernetes cluster unreachable: ${connectionWords(error as Error, this.contextGiven)}`)
    }
  }

  discovery(): Promise<Discovery> {
    this.found ??= Discovery.load(this.client(), '32s')
    return this.found
  }

  /** After something new is served. */
  forgetDiscovery(): void {
    this.found = undefined
  }

  async capabilities(): Promise<Capabilities> {
    const kubeVersion = await this.serverVersion()
    const { groups } = await this.discovery()
    const apiVersions = groups.flatMap((group) =>
      group.versions.flatMap(({ version, resources }) => {
        const name = group.name === '' ? version : `${group.name}/${version}`
        return [name, ...new Set(resources.map(({ kind }) => `${name}/${kind}`))]
      }),
    )
    return { kubeVersion, apiVersions }
  }

  /** What templates see of the cluster: nothing where it is not there. */
  async lookup(apiVersion: string, kind: string, namespace: string, name: string): Promise<unknown> {
    const [group, version] = splitApiVersion(apiVersion)
    const mapping = (await this.discovery()).forKind(group, kind, version)
    if (!mapping) throw new Error(`unable to get apiresource from unstructured: ${group === '' ? `/${version}` : apiVersion}, Kind=${kind}: no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`)
    try {
      return await this.read(mapping, namespace, name)
    } catch (error) {
      if (isReason(error, 'NotFound')) return {}
      throw error
    }
  }

  private async read(mapping: Mapping, namespace: string, name: string): Promise<unknown> {
    const resource = this.client().of(mapping)
    if (name !== '') return await resource.get(mapping.namespaced ? namespace : '', name)
    const list = (await decode((await this.client().exchange('GET', resource.path(mapping.namespaced ? namespace : ''))).body)) as { items?: KubeObject[] }
    return { ...list, items: (list.items ?? []).map((item) => ({ ...item, apiVersion: mapping.group === '' ? mapping.version : `${mapping.group}/${mapping.version}`, kind: mapping.kind })) }
  }
}

export function splitApiVersion(apiVersion: string): [group: string, version: string] {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? ['', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)]
}

/** A context that a flag names is looked for first. */
function connectionWords(error: Error, context: string): string {
  if (error instanceof InvalidConfiguration && context !== '' && error.problems.includes(`${contextProblem}${context}`)) return `context ${JSON.stringify(context)} does not exist`
  return error.message.trimEnd()
}
