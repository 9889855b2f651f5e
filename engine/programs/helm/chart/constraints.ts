/** Constraints on versions: `>=1.2 <2 || ~3.1`, in the manner and words of Masterminds/semver. */
import { compareVersions, parseVersion, type Version } from './versions'

export interface Constraint {
  check(version: Version): boolean
}

interface Part {
  readonly operator: string
  readonly version: Version
  readonly minorDirty: boolean
  readonly patchDirty: boolean
  /** `*`. */
  readonly dirty: boolean
}

const number = String.raw`(?:\d+|[xX*])`
const versionPattern = String.raw`v?(${number})(?:\.(${number}))?(?:\.(${number}))?(-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?`
const operatorPattern = '=>|>=|=<|<=|!=|=|>|<|~>|~|\\^|'
const onePattern = new RegExp(String.raw`^\s*(${operatorPattern})\s*${versionPattern}\s*$`)
const validPattern = new RegExp(String.raw`^(\s*(${operatorPattern})\s*${versionPattern}\s*)((?:\s+|,\s*)(${operatorPattern})\s*${versionPattern}\s*)*$`)
const findPattern = new RegExp(String.raw`(${operatorPattern})\s*${versionPattern}`, 'g')
const rangePattern = new RegExp(String.raw`\s*(${versionPattern})\s+-\s+(${versionPattern})\s*`, 'g')

/** Throws `improper constraint: ...`. */
export function parseConstraint(text: string): Constraint {
  const spelled = text.replace(rangePattern, (...groups: string[]) => `>=${groups[1] as string} <=${groups[7] as string}`)
  const alternatives = spelled.split('||').map((alternative) => {
    if (!validPattern.test(alternative)) throw new Error(`improper constraint: ${text}`)
    return (alternative.match(findPattern) ?? []).map(parsePart)
  })
  return { check: (version) => alternatives.some((parts) => allows(parts, version)) }
}

/** Prereleases are let through only where a part of the constraint names one. */
function allows(parts: readonly Part[], version: Version): boolean {
  const prereleases = parts.some((part) => part.version.prerelease !== '')
  if (version.prerelease !== '' && !prereleases) return false
  return parts.every((part) => check(part, version))
}

function parsePart(text: string): Part {
  const match = onePattern.exec(text)
  if (!match) throw new Error(`improper constraint: ${text}`)
  const [, operator = '', major = '', minor, patch, prerelease = '', metadata = ''] = match
  const isWild = (part: string | undefined): boolean => part === undefined || /^[xX*]$/.test(part)
  const dirty = /^[xX*]$/.test(major)
  const minorDirty = dirty || isWild(minor)
  const patchDirty = minorDirty || isWild(patch)
  const spelled = `${dirty ? '0' : major}.${minorDirty ? '0' : minor as string}.${patchDirty ? '0' : patch as string}${prerelease}${metadata}`
  return { operator: operator === '' ? (patchDirty ? '~' : '=') : operator, version: parseVersion(spelled) as Version, minorDirty, patchDirty, dirty }
}

type Check = (version: Version, part: Part) => boolean

const checks: Readonly<Record<string, Check>> = {
  '=': (version, part) => (part.patchDirty ? tilde(version, part) : compareVersions(version, part.version) === 0),
  '!=': (version, part) => (part.patchDirty ? !tilde(version, part) : compareVersions(version, part.version) !== 0),
  '>': greater,
  '<': (version, part) => compareVersions(version, part.version) < 0,
  '>=': (version, part) => compareVersions(version, part.version) >= 0,
  '=>': (version, part) => compareVersions(version, part.version) >= 0,
  '<=': lessOrEqual,
  '=<': lessOrEqual,
  '~': tilde,
  '~>': tilde,
  '^': caret,
}

function check(part: Part, version: Version): boolean {
  return checks[part.operator]?.(version, part) ?? false
}

function greater(version: Version, { version: wanted, minorDirty, patchDirty }: Part): boolean {
  if (!patchDirty) return compareVersions(version, wanted) > 0
  if (version.major !== wanted.major || minorDirty) return version.major > wanted.major
  return version.minor > wanted.minor
}

function lessOrEqual(version: Version, { version: wanted, minorDirty, patchDirty }: Part): boolean {
  if (!patchDirty) return compareVersions(version, wanted) <= 0
  if (version.major !== wanted.major) return version.major < wanted.major
  return minorDirty || version.minor <= wanted.minor
}

function tilde(version: Version, { version: wanted, minorDirty, dirty }: Part): boolean {
  if (dirty) return true
  if (compareVersions(version, wanted) < 0 || version.major !== wanted.major) return false
  return minorDirty || version.minor === wanted.minor
}

/** The leftmost part that is not zero may not change. */
function caret(version: Version, { version: wanted, minorDirty, patchDirty, dirty }: Part): boolean {
  if (dirty) return true
  if (compareVersions(version, wanted) < 0 || version.major !== wanted.major) return false
  if (wanted.major > 0 || minorDirty) return true
  if (version.minor !== wanted.minor) return false
  return wanted.minor > 0 || patchDirty || version.patch === wanted.patch
}
