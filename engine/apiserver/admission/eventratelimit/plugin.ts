/** Keeps floods of events away: token buckets by server, namespace, user or source and object. */
import { failure } from '#engine/api/status'
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

interface Limit { readonly type: string; readonly qps: number; readonly burst: number; readonly cacheSize: number; readonly buckets: Map<string, Bucket> }
interface Bucket { tokens: number; atMs: number }

export const eventRateLimit: AdmissionRegistration = {
  name: 'EventRateLimit',
  enabledByDefault: false,
  create({ settings }) {
    const config = settings.admissionConfiguration.get('EventRateLimit')
    const limits: Limit[] = listOf(config?.limits).map((item) => ({ type: item.type as string, qps: item.qps as number, burst: item.burst as number, cacheSize: (item.cacheSize || 4096) as number, buckets: new Map<string, Bucket>() }))
    return { name: 'EventRateLimit', handles: (operation) => operation === 'CREATE' || operation === 'UPDATE', validate: (attributes) => validate(attributes, limits) }
  },
}

function validate(attributes: AdmissionAttributes, limits: readonly Limit[]): void {
  if (attributes.resource !== 'events' || attributes.dryRun) return
  const refused = limits.filter((limit) => !take(limit, keyOf(limit.type, attributes), attributes.nowMs))
  if (refused.length > 0) throw failure(429, 'TooManyRequests', `limit reached on type ${refused.map((item) => item.type).join(', ')} for key ${keyOf(refused[0]?.type ?? '', attributes)}`, { retryAfterSeconds: 1 })
}

function keyOf(type: string, { namespace, user, object }: AdmissionAttributes): string {
  switch (type) {
    case 'Namespace': return namespace
    case 'User': return user.username
    case 'SourceAndObject': {
      const event = object as Free
      return [event?.source?.component, event?.source?.host, event?.involvedObject?.kind, event?.involvedObject?.namespace, event?.involvedObject?.name, event?.involvedObject?.uid, event?.involvedObject?.apiVersion].join('')
    }
    default: return ''
  }
}

function take(limit: Limit, key: string, nowMs: number): boolean {
  const bucket = limit.buckets.get(key) ?? { tokens: limit.burst, atMs: nowMs }
  bucket.tokens = Math.min(limit.burst, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * limit.qps)
  bucket.atMs = nowMs
  limit.buckets.delete(key)
  limit.buckets.set(key, bucket)
  const oldest = limit.buckets.size > limit.cacheSize ? limit.buckets.keys().next().value : undefined
  if (oldest !== undefined) limit.buckets.delete(oldest)
  if (bucket.tokens < 1) return false
  bucket.tokens -= 1
  return true
}
