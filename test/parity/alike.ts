/** Values that differ between any two clusters, made alike, and objects with generated names paired. */
import type { KubeObject } from '#engine/api/object'

const volatile: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID'],
  [/\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME'],
  [/\b20\d\d-\d\d-\d\d\b/g, 'DATE'],
  [/\b[0-9a-f]{32}([0-9a-f]{32})?\b/g, 'HASH'],
  [/-----BEGIN [A-Z ]+-----[\s\S]*?-----END [A-Z ]+-----\n?/g, 'PEM'],
  [/LS0tLS1CRUdJTi[A-Za-z0-9+/=]*/g, 'PEM64'],
  [/\b172\.30\.[12]\./g, 'LAN.'],
  [/\b192\.168\.(\d)\.\d+\b(?!\/)/g, 'POD.$1.N'],
  [/\b((?:coredns|metrics-server)-[0-9a-z]{8,10})-[0-9a-z]{5}\b/g, '$1-SUFFIX'],
  [/\b(kube-proxy|csr|kube-dns|kubernetes|metrics-server)-([0-9bcdf-hj-np-tv-z]{5})\b/g, '$1-SUFFIX'],
  [/\bkube-api-access-[0-9a-z]{5}\b/g, 'kube-api-access-SUFFIX'],
  [/\bapiserver-[0-9a-z]{26}(?![0-9a-z])/g, 'apiserver-ID'],
  [/\bbootstrap-token-[0-9a-z]{6}\b/g, 'bootstrap-token-ID'],
  [/\bsystem:bootstrap:[0-9a-z]{6}\b/g, 'system:bootstrap:ID'],
  [/^eyJ[\w-]+\.\.[\w-]+$/g, 'SIGNATURE'],
  [/\bjws-kubeconfig-[0-9a-z]{6}\b/g, 'jws-kubeconfig-ID'],
]

/** Fields whose value alone says nothing. */
const masked = new Set(['resourceVersion', 'bootID', 'machineID', 'systemUUID', 'resourceVersionHash', 'token-id', 'token-secret', 'expiration', 'acquireTime', 'renewTime', 'request', 'certificate'])

export function alike(value: unknown, field = ''): unknown {
  if (masked.has(field) && value !== undefined && value !== null) return 'MASKED'
  if (typeof value === 'string') return volatile.reduce((text, [pattern, name]) => text.replace(pattern, name), value)
  if (Array.isArray(value)) return value.map((item) => alike(item))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [alike(name), alike(inner, name)]))
}

/** Objects by a name that both clusters share; where several have the same, by who they are for. */
export function byName(objects: readonly KubeObject[]): Map<string, unknown> {
  const found = new Map<string, unknown>()
  const sorted = [...objects].sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
  for (const object of sorted) {
    const name = String(alike([object.metadata.namespace, object.metadata.name].filter((part) => part !== undefined).join('/')))
    let free = name
    for (let count = 2; found.has(free); count++) free = `${name}#${count}`
    found.set(free, alike(object))
  }
  return found
}

function rank(object: KubeObject): string {
  const spec = object['spec'] as { nodeName?: string; username?: string } | undefined
  return `${spec?.nodeName ?? ''} ${spec?.username ?? ''} ${object.metadata.name ?? ''}`
}
