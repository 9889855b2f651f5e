/** A pod against a level. */
import type { Free } from '#engine/apiserver/registry/free'
import { baselineChecks } from './baseline'
import type { LevelVersion } from './policy'
import { restrictedChecks } from './restricted'
import type { Finding } from './words'

const latestMinor = 35

export function evaluate(policy: LevelVersion, metadata: Free, spec: Free): Finding[] {
  if (policy.level === 'privileged') return []
  const minor = policy.minor ?? latestMinor
  const restricted = policy.level === 'restricted' ? restrictedChecks.filter((check) => check.since <= minor) : []
  const replaced = new Set(restricted.map((check) => check.replaces))
  const checks = [...baselineChecks.filter((check) => check.since <= minor && !replaced.has(check.id)), ...restricted]
  return checks.map((check) => check.run(metadata, spec, minor)).filter((finding): finding is Finding => finding !== undefined)
}

/** `reason (detail), reason (detail)` */
export function detailText(findings: readonly Finding[]): string {
  return findings.map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`)).join(', ')
}

export function reasonText(findings: readonly Finding[]): string {
  return findings.map(({ reason }) => reason).join(', ')
}
