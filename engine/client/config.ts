/** From a kubeconfig (or the files of a pod) to what a connection needs; messages are client-go's. */
import { illegalBase64At } from '#engine/base/base64'
import { decodeUtf8, fromBase64 } from '#engine/base/bytes'
import { type ExecConfig, execProblems } from '#engine/client/exec'
import { type Kubeconfig, KubeconfigError, type KubeconfigCluster, type KubeconfigUser, parseKubeconfig } from '#engine/client/kubeconfig'

/** Reads a file of the caller's machine; throws its errno. */
export type ReadFile = (path: string) => string

/** PEM given in place, or a file that is read at every use, so that a rotated one counts. */
export type PemSource = { readonly data: string } | { readonly file: string }

export interface ClientConfig {
  /** `https://172.30.1.2:6443`, without a trailing slash. */
  readonly server: string
  readonly serverName?: string
  readonly insecure?: boolean
  /** What the kubeconfig calls cluster and user, for messages. */
  readonly clusterName?: string
  readonly userName?: string
  readonly roots?: PemSource
  readonly certificate?: PemSource
  readonly key?: PemSource
  readonly token?: string
  readonly tokenFile?: string
  readonly username?: string
  readonly password?: string
  readonly impersonate?: { readonly user: string; readonly uid?: string; readonly groups?: readonly string[]; readonly extra?: Readonly<Record<string, readonly string[]>> }
  readonly namespace?: string
  readonly proxyUrl?: string
  /** A program that gives out token or certificate; only for callers that said they run it. */
  readonly exec?: ExecConfig
}

export interface ContextChoice {
  readonly context?: string
  readonly cluster?: string
  readonly user?: string
  /** Overrides the cluster's address. */
  readonly server?: string
  /** The caller runs credential plugins. */
  readonly runsPlugins?: boolean
}

/** The configuration of one file, as daemons read theirs. */
export function clientConfigFromFile(readFile: ReadFile, path: string, choice: ContextChoice = {}): ClientConfig {
  return clientConfigFromKubeconfig(parseKubeconfig(readFile(path), path), choice)
}

export function clientConfigFromKubeconfig(config: Kubeconfig, choice: ContextChoice = {}): ClientConfig {
  const context = chosenContext(config, choice)
  const cluster = chosenCluster(config, choice, context.cluster)
  const userName = choice.user ?? context.user ?? ''
  const user = config.users.find((entry) => entry.name === userName)?.user
  if (choice.user && !user) throw new KubeconfigError(`auth info "${userName}" does not exist`)
  const server = (choice.server ?? cluster.server ?? '').replace(/\/+$/, '')
  if (server === '') throw new KubeconfigError('invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable')
  checkUser(userName, user, choice.runsPlugins ?? false)
  return { server, clusterName: choice.cluster ?? context.cluster ?? '', userName, ...clusterPart(cluster), ...userPart(user ?? {}), ...(context.namespace ? { namespace: context.namespace } : {}) }
}

function chosenContext(config: Kubeconfig, choice: ContextChoice): { cluster?: string; user?: string; namespace?: string } {
  const name = choice.context ?? config['current-context']
  if (name === '') return {}
  const found = config.contexts.find((entry) => entry.name === name)?.context
  if (found) return found
  throw choice.context === undefined ? invalid([`context was not found for specified context: ${name}`]) : new KubeconfigError(`context "${name}" does not exist`)
}

function chosenCluster(config: Kubeconfig, choice: ContextChoice, ofContext: string | undefined): KubeconfigCluster {
  const name = choice.cluster ?? ofContext ?? ''
  const found = config.clusters.find((entry) => entry.name === name)?.cluster
  if (found || name === '') return found ?? {}
  throw choice.cluster ? new KubeconfigError(`cluster "${name}" does not exist`) : invalid([`cluster "${name}" does not exist`])
}

function invalid(messages: readonly string[]): KubeconfigError {
  return new KubeconfigError(`invalid configuration: ${messages.length > 1 ? `[${messages.join(', ')}]` : messages.join('')}`)
}

function checkUser(name: string, user: KubeconfigUser | undefined, runsPlugins: boolean): void {
  if (!user) return
  if (user.exec && !runsPlugins) throw new KubeconfigError(`exec plugin: credential plugins are not supported here; use a certificate or a token for user "${name}"`)
  if (user['auth-provider']) throw new KubeconfigError(`no Auth Provider found for name "${user['auth-provider'].name}"`)
  const messages: string[] = user.exec ? execProblems(name, user.exec) : []
  const certificate = user['client-certificate'] ?? user['client-certificate-data']
  const key = user['client-key'] ?? user['client-key-data']
  if (certificate && !key) messages.push(`client-key-data or client-key must be specified for ${name} to use the clientCert authentication method.`)
  if (user.as === undefined && (user['as-groups'] || user['as-user-extra'])) messages.push(`requesting uid, groups or user-extra for ${name} without impersonating a user`)
  if (messages.length > 0) throw invalid(messages)
}

function clusterPart(cluster: KubeconfigCluster): Partial<ClientConfig> {
  const roots = source(cluster['certificate-authority-data'], cluster['certificate-authority'])
  return {
    ...(cluster['tls-server-name'] ? { serverName: cluster['tls-server-name'] } : {}),
    ...(cluster['insecure-skip-tls-verify'] ? { insecure: true } : {}),
    ...(roots ? { roots } : {}),
    ...(cluster['proxy-url'] ? { proxyUrl: cluster['proxy-url'] } : {}),
  }
}

function userPart(user: KubeconfigUser): Partial<ClientConfig> {
  const certificate = source(user['client-certificate-data'], user['client-certificate'])
  const key = source(user['client-key-data'], user['client-key'])
  return {
    ...(certificate ? { certificate } : {}),
    ...(key ? { key } : {}),
    ...(user.tokenFile ? { tokenFile: user.tokenFile } : user.token ? { token: user.token } : {}),
    ...(user.exec ? { exec: user.exec } : {}),
    ...(user.username ? { username: user.username, password: user.password ?? '' } : {}),
    ...(user.as ? { impersonate: { user: user.as, ...(user['as-uid'] ? { uid: user['as-uid'] } : {}), ...(user['as-groups'] ? { groups: user['as-groups'] } : {}), ...(user['as-user-extra'] ? { extra: user['as-user-extra'] } : {}) } } : {}),
  }
}

function source(data: string | undefined, file: string | undefined): PemSource | undefined {
  if (data) {
    try {
      return { data: decodeUtf8(fromBase64(data.trim())) }
    } catch {
      throw new KubeconfigError(`illegal base64 data at input byte ${illegalBase64At(data) ?? data.length}`)
    }
  }
  return file ? { file } : undefined
}

const podFiles = '/var/run/secrets/kubernetes.io/serviceaccount'

/** What a pod finds in its environment and its service account volume. */
export function inClusterConfig(env: ReadonlyMap<string, string>, readFile: ReadFile): ClientConfig {
  const host = env.get('KUBERNETES_SERVICE_HOST')
  const port = env.get('KUBERNETES_SERVICE_PORT')
  if (!host || !port) throw new KubeconfigError('unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined')
  // Read once, so that a pod without the volume fails here and with the file's own error.
  readFile(`${podFiles}/token`)
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    tokenFile: `${podFiles}/token`,
    roots: { file: `${podFiles}/ca.crt` },
    namespace: namespaceOf(readFile),
  }
}

function namespaceOf(readFile: ReadFile): string {
  try {
    return readFile(`${podFiles}/namespace`).trim()
  } catch {
    return 'default'
  }
}
