/** Chart.lock: the exact versions of what a chart depends on, and a digest of what was asked. */
import { encodeUtf8, toHex } from '#engine/base/bytes'
import { digest } from '#engine/base/pki/rsa'
import type { Dependency } from './types'

const order = ['name', 'version', 'repository', 'condition', 'tags', 'enabled', 'import-values', 'alias'] as const

/** Go's JSON of a dependency: fields in their order, empty ones left out but for two. */
function plain(dependency: Dependency): Record<string, unknown> {
  const kept = order.filter((key) => key === 'name' || key === 'repository' || (dependency[key] !== undefined && dependency[key] !== '' && dependency[key] !== false))
  return Object.fromEntries(kept.map((key) => [key, dependency[key] ?? '']))
}

export function lockDigest(wanted: readonly Dependency[], locked: readonly Dependency[]): string {
  return `sha256:${toHex(digest('sha256', encodeUtf8(JSON.stringify([wanted.map(plain), locked.map(plain)]))))}`
}
