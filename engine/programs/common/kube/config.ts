/** Which kubeconfig files count, how they merge, and what the command line overrides. */
import type { Process } from '#engine/linux/abi/process'
import { isErrno } from '#engine/linux/abi/errno'
import { type ClientConfig, inClusterConfig, clientConfigFromKubeconfig } from '#engine/client/config'
import { emptyKubeconfig, type Kubeconfig, mergeKubeconfigs, parseKubeconfig } from '#engine/client/kubeconfig'
import type { Flags } from '../cobra/flags'
import { serverUrl } from './server'
import { type Choice, choose, confirmUsable, InvalidConfiguration, requireNamed } from './usable'

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

/** What the flags and files mean; throws in client-go's words. */
export function resolveConnection(process: Process, flags: Flags): Connection {
  const merged = { ...emptyKubeconfig(), ...loadKubeconfig(process, flags.string('kubeconfig')).merged }
  const namespaceGiven = flags.changed('namespace') && flags.string('namespace') !== ''
  const namespace = (configured: string | undefined): string => (namespaceGiven ? flags.string('namespace') : configured || 'default')
  if (isInCluster(process, merged, flags)) {
    const config = overridden(inClusterConfig(process.env, (path) => process.files.readText(path)), flags, '')
    return { config, namespace: namespace(config.namespace), namespaceGiven }
  }
  const choice = choose(merged, flags)
  if (namespaceGiven) requireNamed(choice, flags)
  confirmUsable(choice, flags, (path) => process.files.exists(path) !== undefined)
  requireNamed(choice, flags)
  return { config: overridden(configOf(choice, flags), flags, choice.userName), namespace: namespace(choice.context?.namespace), namespaceGiven }
}

function isInCluster(process: Process, merged: Kubeconfig, flags: Flags): boolean {
  const empty = merged.clusters.length === 0 && merged.contexts.length === 0 && merged.users.length === 0
  return empty && flags.string('server') === '' && process.env.has('KUBERNETES_SERVICE_HOST') && process.files.exists('/var/run/secrets/kubernetes.io/serviceaccount/token') !== undefined
}

/** Of the choice alone; where no cluster is known, the server is the one of old: localhost:8080. */
function configOf({ clusterName, cluster, userName, user }: Choice, flags: Flags): ClientConfig {
  const server = serverUrl(flags.string('server') || cluster?.server || noKubeconfig)
  const own: Kubeconfig = { ...emptyKubeconfig(), clusters: [{ name: clusterName, cluster: { ...cluster, server } }], users: [{ name: userName, user: user ?? {} }] }
  return clientConfigFromKubeconfig(own, { cluster: clusterName, ...(userName === '' ? {} : { user: userName }), server, runsPlugins: true })
}

function overridden(base: ClientConfig, flags: Flags, userName: string): ClientConfig {
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
  } else if (out['insecure'] === true && out['roots'] !== undefined) throw new Error('specifying a root certificates file with the insecure flag is not allowed')
  impersonate(out, flags, userName)
  return out as unknown as ClientConfig
}

function impersonate(out: Record<string, unknown>, flags: Flags, userName: string): void {
  const user = flags.string('as')
  const groups = flags.list('as-group')
  if (user === '') {
    if (groups.length > 0 || flags.string('as-uid') !== '') throw new InvalidConfiguration([`requesting uid, groups or user-extra for ${userName} without impersonating a user`])
    return
  }
  const extra: Record<string, string[]> = {}
  for (const pair of flags.list('as-user-extra')) {
    const equals = pair.indexOf('=')
    if (equals > 0) (extra[pair.slice(0, equals)] ??= []).push(pair.slice(equals + 1))
  }
  out['impersonate'] = { user, ...(flags.string('as-uid') === '' ? {} : { uid: flags.string('as-uid') }), ...(groups.length > 0 ? { groups } : {}), ...(Object.keys(extra).length > 0 ? { extra } : {}) }
}
