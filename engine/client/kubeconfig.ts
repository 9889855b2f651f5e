/** kubeconfig files: their shape, reading, merging as kubectl does, and writing one for a user. */
import type { ExecConfig } from '#engine/client/exec'
import { encodeUtf8, toBase64 } from '#engine/base/bytes'
import { copyObject } from '#engine/api/object'
import { parseYaml } from '#engine/base/yaml/parser'

export interface NamedCluster {
  name: string
  cluster: KubeconfigCluster
}

export interface KubeconfigCluster {
  server?: string
  'tls-server-name'?: string
  'insecure-skip-tls-verify'?: boolean
  'certificate-authority'?: string
  'certificate-authority-data'?: string
  'proxy-url'?: string
  'disable-compression'?: boolean
}

export interface NamedUser {
  name: string
  user: KubeconfigUser
}

export interface KubeconfigUser {
  'client-certificate'?: string
  'client-certificate-data'?: string
  'client-key'?: string
  'client-key-data'?: string
  token?: string
  tokenFile?: string
  username?: string
  password?: string
  as?: string
  'as-uid'?: string
  'as-groups'?: string[]
  'as-user-extra'?: Record<string, string[]>
  'auth-provider'?: { name: string }
  exec?: ExecConfig
}

export interface NamedContext {
  name: string
  context: { cluster?: string; user?: string; namespace?: string }
}

export interface Kubeconfig {
  apiVersion?: string
  kind?: string
  preferences?: Record<string, unknown>
  clusters: NamedCluster[]
  users: NamedUser[]
  contexts: NamedContext[]
  'current-context': string
}

export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError'
}

export function emptyKubeconfig(): Kubeconfig {
  return { apiVersion: 'v1', kind: 'Config', preferences: {}, clusters: [], users: [], contexts: [], 'current-context': '' }
}

/** `path` makes relative file names absolute and names the file in errors. */
export function parseKubeconfig(text: string, path = ''): Kubeconfig {
  const given = readMapping(text, path)
  const version = given.apiVersion || 'v1'
  const kind = given.kind || 'Config'
  if (version !== 'v1' || kind !== 'Config') throw new KubeconfigError(`error loading config file "${path}": no kind "${kind}" is registered for version "${version}" in scheme "pkg/runtime/scheme.go:111"`)
  const config: Kubeconfig = { ...emptyKubeconfig(), ...given, clusters: given.clusters ?? [], users: given.users ?? [], contexts: given.contexts ?? [], 'current-context': given['current-context'] ?? '' }
  if (path !== '') resolvePaths(config, path.slice(0, Math.max(0, path.lastIndexOf('/'))))
  return config
}

/** Every program of a machine reads the same few files at each start. */
const known = new Map<string, unknown>()
const knownLimit = 64

function parsed(text: string): unknown {
  if (known.has(text)) return known.get(text)
  const value = parseYaml(text)
  if (known.size >= knownLimit) known.clear()
  known.set(text, value)
  return value
}

function readMapping(text: string, path: string): Partial<Kubeconfig> {
  let raw: unknown
  try {
    raw = copyObject(parsed(text))
  } catch (error) {
    throw new KubeconfigError(`error loading config file "${path}": ${(error as Error).message}`)
  }
  if (raw === null || raw === undefined) return {}
  if (typeof raw !== 'object' || Array.isArray(raw)) throw new KubeconfigError(`error loading config file "${path}": couldn't get version/kind; json parse error: json: cannot unmarshal ${typeof raw} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`)
  return raw
}

function resolvePaths(config: Kubeconfig, directory: string): void {
  const absolute = (name: string): string => (name === '' || name.startsWith('/') ? name : `${directory}/${name.replace(/^\.\//, '')}`)
  for (const { cluster } of config.clusters) if (cluster?.['certificate-authority']) cluster['certificate-authority'] = absolute(cluster['certificate-authority'])
  for (const { user } of config.users) {
    if (user?.['client-certificate']) user['client-certificate'] = absolute(user['client-certificate'])
    if (user?.['client-key']) user['client-key'] = absolute(user['client-key'])
    if (user?.tokenFile) user.tokenFile = absolute(user.tokenFile)
    if (user?.exec?.command?.includes('/')) user.exec = { ...user.exec, command: absolute(user.exec.command) }
  }
}

/** As the files of $KUBECONFIG merge: the first to set a name or the current context wins. */
export function mergeKubeconfigs(configs: readonly Kubeconfig[]): Kubeconfig {
  const merged = emptyKubeconfig()
  for (const config of configs) {
    for (const entry of config.clusters) if (!merged.clusters.some((known) => known.name === entry.name)) merged.clusters.push(entry)
    for (const entry of config.users) if (!merged.users.some((known) => known.name === entry.name)) merged.users.push(entry)
    for (const entry of config.contexts) if (!merged.contexts.some((known) => known.name === entry.name)) merged.contexts.push(entry)
    merged['current-context'] ||= config['current-context']
  }
  return merged
}

export interface KubeconfigParts {
  readonly clusterName: string
  readonly userName: string
  readonly server: string
  /** PEM. */
  readonly roots: string
  readonly user: { readonly certificate: string; readonly key: string } | { readonly certificateFile: string; readonly keyFile: string } | { readonly token: string }
  readonly namespace?: string
}

/** A kubeconfig as kubeadm lays it out: one cluster, one user, the context `user@cluster`. */
export function buildKubeconfig(parts: KubeconfigParts): Kubeconfig {
  const context = `${parts.userName}@${parts.clusterName}`
  return {
    apiVersion: 'v1',
    kind: 'Config',
    preferences: {},
    clusters: [{ name: parts.clusterName, cluster: { 'certificate-authority-data': pemData(parts.roots), server: parts.server } }],
    contexts: [{ name: context, context: { cluster: parts.clusterName, ...(parts.namespace ? { namespace: parts.namespace } : {}), user: parts.userName } }],
    'current-context': context,
    users: [{ name: parts.userName, user: userOf(parts.user) }],
  }
}

function userOf(user: KubeconfigParts['user']): KubeconfigUser {
  if ('token' in user) return { token: user.token }
  if ('certificateFile' in user) return { 'client-certificate': user.certificateFile, 'client-key': user.keyFile }
  return { 'client-certificate-data': pemData(user.certificate), 'client-key-data': pemData(user.key) }
}

function pemData(pem: string): string {
  return toBase64(encodeUtf8(pem))
}
