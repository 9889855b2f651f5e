/** `--feature-gates`: which names and values it takes. */
import type { Flags } from '#engine/programs/common/cobra/flags'
import { featureGates } from './feature-gates.table'

const booleans: Readonly<Record<string, boolean>> = { 1: true, t: true, T: true, TRUE: true, true: true, True: true, 0: false, f: false, F: false, FALSE: false, false: false, False: false }
const all = ['AllAlpha', 'AllBeta']

/** What is wrong with the flag's values; undefined when nothing is. `warn` is told of gates that will go. */
export function featureGateProblem(flags: Flags, warn: (line: string) => void): string | undefined {
  const pairs = flags.list('feature-gates').flatMap((item) => item.split(',')).filter((item) => item !== '')
  if (pairs.some((pair) => pair.startsWith('kube:')) && !pairs.every((pair) => pair.includes(':'))) return 'set kube feature gates with default empty prefix or kube: prefix consistently, do not mix use'
  const given = new Map<string, boolean>()
  for (const pair of pairs) {
    const [, component, assignment = ''] = /^(?:([^:]*):)?(.*)$/s.exec(pair) ?? []
    if (component !== undefined && component !== 'kube') return `component not registered: ${component}`
    const [name = '', value] = assignment.split(/=(.*)/s).map((part) => part.trim())
    if (value === undefined) return `missing bool value for ${name}`
    if (!(value in booleans)) return `invalid value of ${name}=${value}, err: strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`
    given.set(name, booleans[value] === true)
  }
  return mapProblem(given, warn)
}

/** The same for gates of a configuration file. */
export function gateMapProblem(gates: Readonly<Record<string, boolean>>, warn: (line: string) => void): string | undefined {
  return mapProblem(new Map(Object.entries(gates)), warn)
}

function mapProblem(given: ReadonlyMap<string, boolean>, warn: (line: string) => void): string | undefined {
  const problems: string[] = []
  for (const [name, value] of given) {
    const gate = featureGates.find((item) => item.name === name)
    if (!gate) {
      if (all.includes(name)) continue
      problems.push(`unrecognized feature gate: ${name}`)
      break
    }
    if (gate.locked && gate.enabled !== value) problems.push(`cannot set feature gate ${name} to ${value}, feature is locked to ${gate.enabled}`)
    else if (gate.stage === 'deprecated' || gate.stage === 'ga') warn(`Setting ${gate.stage === 'ga' ? 'GA' : 'deprecated'} feature gate ${name}=${value}. It will be removed in a future release.`)
  }
  return problems.length > 1 ? `[${problems.join(', ')}]` : problems[0]
}

/** `--emulated-version=kube=1.34` and its like. */
export function componentVersionProblem(values: readonly string[]): string | undefined {
  const seen = new Map<string, string>()
  for (const item of values.flatMap((value) => value.split(','))) {
    const [component, text] = item.includes('=') ? item.split(/=(.*)/s).map((part) => part.trim()) as [string, string] : ['kube', item]
    const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(text)
    if (!match) return `could not parse ${JSON.stringify(text)} as version`
    const version = match[0].replace(/^v/, '')
    if (match[3] !== undefined && match[3] !== '0') return `patch version not allowed, got: ${component}=${version}`
    const before = seen.get(component)
    if (before !== undefined) return `duplicate version flag, ${component}=${before} and ${component}=${version}`
    seen.set(component, version)
  }
  const stranger = [...seen.keys()].find((component) => component !== 'kube')
  return stranger === undefined ? undefined : `component not registered: ${stranger}`
}
