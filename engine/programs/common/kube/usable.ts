/** Which context, cluster and user of a kubeconfig count, and whether they can be used; messages and their order are client-go's. */
import { execProblems } from '#engine/client/exec'
import type { Kubeconfig, KubeconfigCluster, KubeconfigUser } from '#engine/client/kubeconfig'
import type { Flags } from '../cobra/flags'

/** The kubeconfig cannot be used as it stands. */
export class InvalidConfiguration extends Error {
  override readonly name = 'InvalidConfiguration'

  constructor(readonly problems: readonly string[]) {
    super(`invalid configuration: ${problems.length === 1 ? problems.join('') : `[${problems.join(', ')}]`}`)
  }
}

export interface Choice {
  readonly contextName: string
  readonly context: { readonly cluster?: string; readonly user?: string; readonly namespace?: string } | undefined
  readonly clusterName: string
  readonly cluster: KubeconfigCluster | undefined
  readonly userName: string
  readonly user: KubeconfigUser | undefined
}

export function choose(config: Kubeconfig, flags: Flags): Choice {
  const contextName = flags.string('context') || config['current-context']
  const context = config.contexts.find((entry) => entry.name === contextName)?.context
  const clusterName = flags.string('cluster') || context?.cluster || ''
  const userName = flags.string('user') || context?.user || ''
  return {
    contextName, context, clusterName, userName,
    cluster: config.clusters.find((entry) => entry.name === clusterName)?.cluster,
    user: config.users.find((entry) => entry.name === userName)?.user,
  }
}

/** What a flag names has to be there. */
export function requireNamed(choice: Choice, flags: Flags): void {
  if (!choice.user && flags.string('user') !== '') throw new Error(`auth info "${choice.userName}" does not exist`)
  if (!choice.context && flags.string('context') !== '') throw new Error(`context "${choice.contextName}" does not exist`)
  if (!choice.cluster && flags.string('cluster') !== '') throw new Error(`cluster "${choice.clusterName}" does not exist`)
}

export const contextProblem = 'context was not found for specified context: '

export function confirmUsable(choice: Choice, flags: Flags, exists: (path: string) => boolean): void {
  const problems: string[] = []
  if (choice.contextName !== '' && !choice.context) problems.push(`${contextProblem}${choice.contextName}`)
  if (choice.user) problems.push(...userProblems(choice.userName, choice.user, exists))
  if (!choice.cluster && flags.string('cluster') !== '' && flags.string('server') === '') problems.push(`no server found for cluster "${choice.clusterName}"`)
  if (choice.cluster) problems.push(...clusterProblems(choice.clusterName, choice.cluster, exists))
  if (problems.length > 0) throw new InvalidConfiguration(problems)
}

type Exists = (path: string) => boolean

function unreadable(what: string, path: string, owner: string): string {
  return `unable to read ${what} ${path} for ${owner} due to open ${path}: no such file or directory`
}

function clusterProblems(name: string, cluster: KubeconfigCluster, exists: Exists): string[] {
  const [file, data] = [cluster['certificate-authority'], cluster['certificate-authority-data']]
  if (file && data) return [`certificate-authority-data and certificate-authority are both specified for ${name}. certificate-authority-data will override.`]
  return file && !exists(file) ? [unreadable('certificate-authority', file, name)] : []
}

function userProblems(name: string, user: KubeconfigUser, exists: Exists): string[] {
  const problems = certificateProblems(name, user, exists)
  if (user.exec) problems.push(...execProblems(name, user.exec))
  const methods = [...(user.token ? ['token'] : []), ...(user.username || user.password ? ['basicAuth'] : [])]
  if (methods.length > 1) problems.push(`more than one authentication method found for ${name}; found [${methods.join(' ')}], only one is allowed`)
  if (!user.as && (user['as-uid'] || user['as-groups']?.length || user['as-user-extra'])) problems.push(`requesting uid, groups or user-extra for ${name} without impersonating a user`)
  return problems
}

function certificateProblems(name: string, user: KubeconfigUser, exists: Exists): string[] {
  const certificate = user['client-certificate']
  const data = user['client-certificate-data']
  if (!certificate && !data) return []
  const problems = certificate && data ? [`client-cert-data and client-cert are both specified for ${name}. client-cert-data will override.`] : []
  problems.push(...keyProblems(name, user))
  for (const [what, path] of [['client-cert', certificate], ['client-key', user['client-key']]] as const) if (path && !exists(path)) problems.push(unreadable(what, path, name))
  return problems
}

function keyProblems(name: string, user: KubeconfigUser): string[] {
  const key = user['client-key']
  const data = user['client-key-data']
  if (key && data) return [`client-key-data and client-key are both specified for ${name}; client-key-data will override`]
  return key || data ? [] : [`client-key-data or client-key must be specified for ${name} to use the clientCert authentication method.`]
}
