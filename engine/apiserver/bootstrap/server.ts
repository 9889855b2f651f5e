/** Objects that tell of the server itself: its APIServices, its certificate authorities, its identity. */
import { encodeUtf8 } from '#engine/base/bytes'
import { sha256 } from '@noble/hashes/sha2.js'
import type { BootstrapHook } from '#engine/apiserver/bootstrap'
import { priorities } from '#engine/apiserver/aggregation/priorities.table'
import type { KubeObject } from '#engine/api/object'
import type { ServerServices } from '#engine/apiserver/services'
import { ensure } from './ensure'

const apiServices = 'apiservices.apiregistration.k8s.io'

/** Local groups are APIServices, too. */
export const localApiServices: BootstrapHook = {
  name: 'apiservice-registration-controller',
  async run(services) {
    const groups = new Set(services.resources.all().map((definition) => `${definition.version}.${definition.group}`))
    for (const name of groups) {
      const [version = '', ...rest] = name.split('.')
      const group = rest.join('.')
      const priority = priorities[`${group}/${version}`]
      if (priority) await register(services, group, version, priority, 'onstart')
    }
  },
}

export async function register(services: ServerServices, group: string, version: string, [groupPriorityMinimum, versionPriority]: readonly [number, number], managed: 'onstart' | 'true'): Promise<void> {
  await ensure(services, apiServices, {
    apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: `${version}.${group}`, labels: { 'kube-aggregator.kubernetes.io/automanaged': managed } },
    spec: { ...(group === '' ? {} : { group }), groupPriorityMinimum, version, versionPriority },
  } as KubeObject)
}

export interface AuthenticationInfo {
  readonly clientCa: string | undefined
  readonly requestHeader: { readonly ca: string; readonly allowedNames: readonly string[]; readonly extraHeadersPrefix: readonly string[]; readonly groupHeaders: readonly string[]; readonly usernameHeaders: readonly string[] } | undefined
}

/** What aggregated API servers read to trust this one. */
export function authenticationInfo(info: AuthenticationInfo): BootstrapHook {
  return {
    name: 'start-cluster-authentication-info-controller',
    async run(services) {
      const { clientCa, requestHeader } = info
      if (clientCa === undefined && requestHeader === undefined) return
      const data: Record<string, string> = {
        ...(clientCa === undefined ? {} : { 'client-ca-file': clientCa }),
        ...(requestHeader ? {
          'requestheader-allowed-names': JSON.stringify(requestHeader.allowedNames), 'requestheader-client-ca-file': requestHeader.ca, 'requestheader-extra-headers-prefix': JSON.stringify(requestHeader.extraHeadersPrefix),
          'requestheader-group-headers': JSON.stringify(requestHeader.groupHeaders), 'requestheader-username-headers': JSON.stringify(requestHeader.usernameHeaders),
        } : {}),
      }
      await ensure(services, 'configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' }, data } as KubeObject)
    },
  }
}

/** RFC 4648 in lower case, without padding. */
function base32(bytes: Uint8Array): string {
  let bits = ''
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0')
  let out = ''
  for (let at = 0; at < bits.length; at += 5) out += 'abcdefghijklmnopqrstuvwxyz234567'.charAt(Number.parseInt(bits.slice(at, at + 5).padEnd(5, '0'), 2))
  return out
}

const renewMs = 600_000

/** The lease by which this server can be told from others; renewed until the signal. */
export function identityLease(hostname: string, signal: AbortSignal): BootstrapHook {
  return {
    name: 'start-kube-apiserver-identity-lease-controller',
    async run(services) {
      const name = `apiserver-${base32(sha256(encodeUtf8(hostname)).slice(0, 16))}`
      const now = (): string => new Date(services.clock.now()).toISOString().replace('Z', '000Z')
      await ensure(services, 'leases.coordination.k8s.io', {
        apiVersion: 'coordination.k8s.io/v1', kind: 'Lease',
        metadata: { name, namespace: 'kube-system', labels: { 'apiserver.kubernetes.io/identity': 'kube-apiserver', 'kubernetes.io/hostname': hostname } },
        spec: { holderIdentity: `${name}_${services.random.uuid()}`, leaseDurationSeconds: 3600, renewTime: now() },
      } as KubeObject)
      const renew = (): void => {
        if (signal.aborted) return
        void services.client.patch('leases.coordination.k8s.io', 'kube-system', name, { spec: { renewTime: now() } }, 'application/merge-patch+json').catch(() => undefined)
        services.clock.after(renewMs, renew)
      }
      services.clock.after(renewMs, renew)
    },
  }
}
