/** Accounts for registries from a pod's image pull secrets. */
import type { Pod, Secret } from '#engine/api/kinds'
import { decodeUtf8, fromBase64 } from '#engine/base/bytes'
import type { AuthConfig } from '#engine/cri/api'

export interface PullSecrets {
  accountsFor(pod: Pod, image: string): Promise<AuthConfig[]>
  /** Names that the pod gives and that are not there. */
  missing(pod: Pod): Promise<string[]>
}

interface DockerAuth { username?: string; password?: string; auth?: string }

export function pullSecrets(read: (namespace: string, name: string) => Promise<Secret | undefined>): PullSecrets {
  return {
    async accountsFor(pod, image) {
      const out: AuthConfig[] = []
      for (const reference of pod.spec?.imagePullSecrets ?? []) {
        const secret = await read(pod.metadata.namespace ?? '', reference.name ?? '')
        if (secret) out.push(...accountsOf(secret, image))
      }
      return out
    },
    async missing(pod) {
      const out: string[] = []
      for (const { name = '' } of pod.spec?.imagePullSecrets ?? []) if (!(await read(pod.metadata.namespace ?? '', name))) out.push(name)
      return out
    },
  }
}

function accountsOf(secret: Secret, image: string): AuthConfig[] {
  const auths = parseAuths(secret)
  return Object.entries(auths).filter(([registry]) => concerns(registry, image)).map(([, account]) => toAuth(account))
}

function parseAuths(secret: Secret): Record<string, DockerAuth> {
  const data = secret.data ?? {}
  try {
    const modern = data['.dockerconfigjson']
    if (modern !== undefined) return (JSON.parse(decodeUtf8(fromBase64(modern))) as { auths?: Record<string, DockerAuth> }).auths ?? {}
    const old = data['.dockercfg']
    return old === undefined ? {} : (JSON.parse(decodeUtf8(fromBase64(old))) as Record<string, DockerAuth>)
  } catch {
    return {}
  }
}

function concerns(registry: string, image: string): boolean {
  const host = registry.replace(/^https?:\/\//, '').replace(/\/v[12]\/?$/, '').replace(/\/$/, '')
  const name = host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host
  return image === name || image.startsWith(`${name}/`)
}

function toAuth(account: DockerAuth): AuthConfig {
  if (account.username !== undefined) return { username: account.username, password: account.password ?? '' }
  const [username = '', ...rest] = decodeUtf8(fromBase64(account.auth ?? '')).split(':')
  return { username, password: rest.join(':') }
}
