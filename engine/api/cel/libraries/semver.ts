/** Semantic versions. */
import type { Environment } from '@marcbachmann/cel-js'
import { register, registerEquality } from './register'

class CelVersion {
  constructor(
    readonly numbers: readonly bigint[],
    readonly pre: readonly string[],
  ) {}
}

const s = 'kubernetes.Semver'

export function semver(environment: Environment): void {
  environment.registerType(s, CelVersion)
  registerEquality(environment, s, (a: CelVersion, b: CelVersion) => compare(a, b) === 0)
  register(environment, `semver(string): ${s}`, (text: string) => versionOf(text))
  register(environment, `semver(string, bool): ${s}`, (text: string, loose: boolean) => versionOf(loose ? normalized(text) : text))
  register(environment, 'isSemver(string): bool', (text: string) => parse(text) !== undefined)
  register(environment, 'isSemver(string, bool): bool', (text: string, loose: boolean) => parse(loose ? normalized(text) : text) !== undefined)
  register(environment, `${s}.isLessThan(${s}): bool`, (a: CelVersion, b: CelVersion) => compare(a, b) < 0)
  register(environment, `${s}.isGreaterThan(${s}): bool`, (a: CelVersion, b: CelVersion) => compare(a, b) > 0)
  register(environment, `${s}.compareTo(${s}): int`, (a: CelVersion, b: CelVersion) => BigInt(compare(a, b)))
  for (const [index, name] of ['major', 'minor', 'patch'].entries()) register(environment, `${s}.${name}(): int`, ({ numbers }: CelVersion) => numbers[index])
}

const number = String.raw`(0|[1-9]\d*)`
const pattern = new RegExp(String.raw`^${number}\.${number}\.${number}(?:-((?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$`)

function parse(text: string): CelVersion | undefined {
  const match = pattern.exec(text)
  return match ? new CelVersion(match.slice(1, 4).map((part) => BigInt(part)), match[4] === undefined ? [] : match[4].split('.')) : undefined
}

function versionOf(text: string): CelVersion {
  const version = parse(text)
  if (!version) throw new Error(text.split('.').length < 3 ? 'No Major.Minor.Patch elements found' : `Invalid character(s) found in version ${JSON.stringify(text)}`)
  return version
}

/** `v1.02` is `1.2.0`. */
function normalized(text: string): string {
  const [, core = '', tail = ''] = /^v?([^-+]*)(.*)$/s.exec(text) ?? []
  const parts = core.split('.').map((part) => part.replace(/^0+(?=\d)/, ''))
  while (parts.length < 3) parts.push('0')
  return parts.join('.') + tail
}

function compare(a: CelVersion, b: CelVersion): number {
  for (let index = 0; index < 3; index++) {
    const [left = 0n, right = 0n] = [a.numbers[index], b.numbers[index]]
    if (left !== right) return left < right ? -1 : 1
  }
  if (a.pre.length === 0 || b.pre.length === 0) return Math.sign(b.pre.length - a.pre.length)
  for (let index = 0; index < Math.min(a.pre.length, b.pre.length); index++) {
    const order = comparePart(a.pre[index] ?? '', b.pre[index] ?? '')
    if (order !== 0) return order
  }
  return Math.sign(a.pre.length - b.pre.length)
}

function comparePart(a: string, b: string): number {
  const [left, right] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (left && right) return Math.sign(Number(a) - Number(b))
  if (left !== right) return left ? -1 : 1
  return a === b ? 0 : a < b ? -1 : 1
}
