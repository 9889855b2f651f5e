/** What is told of a release after it was installed or asked for. */
import { emitYaml } from '#engine/base/yaml/emit'
import { coalesceValues } from '#engine/programs/helm/values/coalesce'
import { plainValues, type Values } from '#engine/programs/helm/values/types'
import { sortedValues } from '../release/encode'
import { ansiTime, isZero } from '../release/time'
import { hooksOf, type Release } from '../release/types'

export interface StatusOptions {
  readonly debug?: boolean
  readonly description?: boolean
  readonly hideNotes?: boolean
  /** The tables of its resources. */
  readonly resources?: string
}

export function statusText(release: Release, options: StatusOptions = {}): string {
  const { info } = release
  let out = `NAME: ${release.name}\n`
  if (!isZero(info.lastDeployed)) out += `LAST DEPLOYED: ${ansiTime(info.lastDeployed)}\n`
  out += `NAMESPACE: ${release.namespace}\nSTATUS: ${info.status}\nREVISION: ${release.version}\n`
  if (options.description) out += `DESCRIPTION: ${info.description}\n`
  if (options.resources) out += `RESOURCES:\n${options.resources}\n`
  out += testSuite(release)
  if (options.debug) out += valuesText(release)
  if (options.debug || info.description.toLowerCase() === 'dry run complete') out += `HOOKS:\n${hooksText(release)}MANIFEST:\n${release.manifest}\n`
  if (!options.hideNotes && info.notes !== '') out += `NOTES:\n${info.notes.trim()}\n`
  return out
}

export function hooksText({ hooks }: Release): string {
  return hooks.map(({ path, manifest }) => `---\n# Source: ${path}\n${manifest}\n`).join('')
}

function testSuite(release: Release): string {
  const tests = hooksOf(release, 'test')
  if (tests.length === 0) return 'TEST SUITE: None\n'
  return tests
    .filter(({ lastRun }) => !isZero(lastRun.startedAt))
    .map(({ name, lastRun }) => `TEST SUITE:     ${name}\nLast Started:   ${ansiTime(lastRun.startedAt)}\nLast Completed: ${isZero(lastRun.completedAt) ? 'Mon Jan  1 00:00:00 0001' : ansiTime(lastRun.completedAt)}\nPhase:          ${lastRun.phase}\n`)
    .join('')
}

function valuesText(release: Release): string {
  return `USER-SUPPLIED VALUES:\n${userValues(release)}\nCOMPUTED VALUES:\n${emitYaml(computedValues(release))}\n`
}

export function userValues({ config }: Release): string {
  return emitYaml(config === undefined ? null : plainValues(config))
}

export function computedValues({ chart, config }: Release): unknown {
  return sortedValues(coalesceValues(chart, config ?? ({} as Values)))
}
