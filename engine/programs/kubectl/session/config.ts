/** Which kubeconfig files count, how they merge, and what the command line overrides. */
import type { Process } from '#engine/linux/abi/process'
import { isErrno } from '#engine/linux/abi/errno'
import { type ClientConfig, inClusterConfig, clientConfigFromKubeconfig } from '#engine/client/config'
import { emptyKubeconfig, type Kubeconfig, KubeconfigError, mergeKubeconfigs, parseKubeconfig } from '#engine/client/kubeconfig'
import type { Flags } from '#engine/programs/common/cobra/flags'

export interface LoadedConfig {
  readonly merged: Kubeconfig
  /** Existing and missing files, in order. */
  readonly files: readonly string[]
  readonly explicit: boolean
}

export function kubeconfigFiles(process: Process, explicit: string): string[] {
  if (explicit !== '') return [explicit]
  const list = (process.env.get('KUBECONFIG') ?? '').split(':').filter((path) => path !== '')
  if (list.length > 0) return [...new Set(list)]
  return [`${process.env.get('HOME') ?? ''}/.kube/config`]
}

export function loadKubeconfig(process: Process, explicit: string): LoadedConfig {
  const files = kubeconfigFiles(process, explicit)
  const configs: Kubeconfig[] = []
  const problems: Error[] = []
  for (const file of files) {
    try {
      configs.push(parseKubeconfig(process.files.readText(file), absolute(process, file)))
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOTDIR')) {
        if (explicit !== '') throw new Error(`stat ${file}: no such file or directory`)
      } else if (isErrno(error)) problems.push(new Error(`error loading config file "${file}": open ${file}: ${error.message.toLowerCase()}`))
      else problems.push(error as Error)
    }
  }
  if (problems[0]) throw new Error(problems[0].message)
  return { merged: mergeKubeconfigs(configs), files, explicit: explicit !== '' }
}

export function absolute(process: Process, path: string): string {
  if (path.startsWith('/')) return path
  return `${process.cwd().replace(/\/$/, '')}/${path.replace(/^\.\//, '')}`
}

export interface Connection {
  readonly config: ClientConfig
  readonly namespace: string
  /** The namespace was named on the command line. */
  readonly namespaceGiven: boolean
}

const noKubeconfig = 'http://localhost:8080'

/** What the flags and files mean; throws KubeconfigError in client-go's words. */
export function resolveConnection(process: Process, flags: Flags): Connection {
  const loaded = loadKubeconfig(process, flags.string('kubeconfig'))
  const namespaceGiven = flags.changed('namespace') && flags.string('namespace') !== ''
  const merged = withoutEmpty(loaded.merged)
  const contextName = flags.string('context') || merged['current-context']
  const context = merged.contexts.find((entry) => entry.name === contextName)?.context
  if (contextName !== '' && !context) throw new KubeconfigError(`invalid configuration: context was not found for specified context: ${contextName}`)
  const config = connectionOf(process, flags, merged)
  const namespace = namespaceGiven ? flags.string('namespace') : context?.namespace || (isInCluster(process, merged, flags) ? config.namespace : undefined) || 'default'
  return { config, namespace, namespaceGiven }
}

function withoutEmpty(config: Kubeconfig): Kubeconfig {
  return { ...emptyKubeconfig(), ...config }
}

function isInCluster(process: Process, merged: Kubeconfig, flags: Flags): boolean {
  const empty = merged.clusters.length === 0 && merged.contexts.length === 0 && merged.users.length === 0
  return empty && flags.string('server') === '' && process.env.has('KUBERNETES_SERVICE_HOST') && process.files.exists('/var/run/secrets/kubernetes.io/serviceaccount/token') !== undefined
}

function connectionOf(process: Process, flags: Flags, merged: Kubeconfig): ClientConfig {
  if (isInCluster(process, merged, flags)) return overridden(inClusterConfig(process.env, (path) => process.files.readText(path)), flags, process)
  const contextName = flags.string('context') || merged['current-context']
  const context = merged.contexts.find((entry) => entry.name === contextName)?.context
  const clusterName = flags.string('cluster') || context?.cluster || ''
  const server = serverOf(flags, merged, clusterName, context !== undefined)
  const userName = flags.string('user') || context?.user || ''
  if (userName !== '' && !merged.users.some((entry) => entry.name === userName)) throw new Error(`auth info "${userName}" does not exist`)
  const base = clientConfigFromKubeconfig(merged, { ...given('context', contextName), ...given('cluster', clusterName), ...given('user', userName), server: withScheme(server) })
  return overridden(base, flags, process, userName)
}

function given(name: string, value: string): Record<string, string> {
  return value === '' ? {} : { [name]: value }
}

function serverOf(flags: Flags, merged: Kubeconfig, clusterName: string, hasContext: boolean): string {
  const cluster = merged.clusters.find((entry) => entry.name === clusterName)
  if (clusterName !== '' && !cluster) throw flags.string('cluster') === '' && hasContext ? new KubeconfigError(`invalid configuration: cluster "${clusterName}" does not exist`) : new Error(`no server found for cluster "${clusterName}"`)
  const server = flags.string('server') || cluster?.cluster.server || (clusterName === '' ? noKubeconfig : '')
  if (server === '') throw new KubeconfigError('invalid configuration: no server found for cluster "' + clusterName + '"')
  return server
}

function withScheme(server: string): string {
  return server.includes('://') ? server : `http://${server}`
}

function overridden(base: ClientConfig, flags: Flags, process: Process, userName = ''): ClientConfig {
  const text = (name: string): string => flags.string(name)
  const file = (name: string): { file: string } => ({ file: text(name) })
  const out: Record<string, unknown> = { ...base }
  if (text('token') !== '') {
    out['token'] = text('token')
    delete out['tokenFile']
  }
  if (text('username') !== '') Object.assign(out, { username: text('username'), password: text('password') })
  if (text('certificate-authority') !== '') out['roots'] = file('certificate-authority')
  if (text('client-certificate') !== '') out['certificate'] = file('client-certificate')
  if (text('client-key') !== '') out['key'] = file('client-key')
  if (text('tls-server-name') !== '') out['serverName'] = text('tls-server-name')
  if (flags.bool('insecure-skip-tls-verify')) {
    out['insecure'] = true
    delete out['roots']
  }
  impersonate(out, flags, userName)
  return out as unknown as ClientConfig
}

function impersonate(out: Record<string, unknown>, flags: Flags, userName: string): void {
  const user = flags.string('as')
  const groups = flags.list('as-group')
  if (user === '') {
    if (groups.length > 0 || flags.string('as-uid') !== '') throw new Error(`requesting uid, groups or user-extra for ${userName} without impersonating a user`)
    return
  }
  const extra: Record<string, string[]> = {}
  for (const pair of flags.list('as-user-extra')) {
    const equals = pair.indexOf('=')
    if (equals > 0) (extra[pair.slice(0, equals)] ??= []).push(pair.slice(equals + 1))
  }
  out['impersonate'] = { user, ...(flags.string('as-uid') === '' ? {} : { uid: flags.string('as-uid') }), ...(groups.length > 0 ? { groups } : {}), ...(Object.keys(extra).length > 0 ? { extra } : {}) }
}
