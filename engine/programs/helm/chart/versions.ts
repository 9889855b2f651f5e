/** Semantic versions and constraints as Masterminds/semver has them. */
export interface Version {
  readonly major: number
  readonly minor: number
  readonly patch: number
  readonly prerelease: string
  readonly metadata: string
  readonly original: string
}

const loose = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/

/** Missing parts are zero and a leading v is allowed; undefined where it is no version. */
export function parseVersion(text: string): Version | undefined {
  const match = loose.exec(text)
  if (!match) return undefined
  const [, major, minor = '0', patch = '0', prerelease = '', metadata = ''] = match
  if (prerelease.split('.').some((part) => /^0\d+$/.test(part))) return undefined
  return { major: Number(major), minor: Number(minor), patch: Number(patch), prerelease, metadata, original: text }
}

/** All three parts, no leading v, no leading zeros. */
export function parseStrictVersion(text: string): Version | undefined {
  return /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:[-+]|$)/.test(text) ? parseVersion(text) : undefined
}

export function versionText({ major, minor, patch, prerelease, metadata }: Version): string {
  return `${major}.${minor}.${patch}${prerelease === '' ? '' : `-${prerelease}`}${metadata === '' ? '' : `+${metadata}`}`
}

export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch || comparePrerelease(a.prerelease, b.prerelease)
}

function comparePrerelease(a: string, b: string): number {
  if (a === b) return 0
  if (a === '' || b === '') return a === '' ? 1 : -1
  const [left, right] = [a.split('.'), b.split('.')]
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order = comparePart(left[i], right[i])
    if (order !== 0) return order
  }
  return 0
}

function comparePart(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1
  const [na, nb] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (na && nb) return Number(a) - Number(b)
  if (na || nb) return na ? -1 : 1
  return a < b ? -1 : 1
}
