/** Levels and versions as the labels of a namespace (or the plugin's configuration) name them. */
import type { FieldError } from '#engine/api/field'
import { FieldPath, invalid } from '#engine/api/field'

export type Level = 'privileged' | 'baseline' | 'restricted'

/** `minor` is undefined for latest. */
export interface LevelVersion {
  readonly level: Level
  readonly minor: number | undefined
}

export interface Policy {
  readonly enforce: LevelVersion
  readonly audit: LevelVersion
  readonly warn: LevelVersion
}

const prefix = 'pod-security.kubernetes.io/'
const levels: readonly string[] = ['privileged', 'baseline', 'restricted']

export const privileged: LevelVersion = { level: 'privileged', minor: undefined }
export const defaultPolicy: Policy = { enforce: privileged, audit: privileged, warn: privileged }

export function levelText({ level, minor }: LevelVersion): string {
  return `${level}:${minor === undefined ? 'latest' : `v1.${minor}`}`
}

export function isLevel(text: string): text is Level {
  return levels.includes(text)
}

/** Undefined for text that names no version. */
export function parseVersion(text: string): { minor: number | undefined } | undefined {
  if (text === 'latest') return { minor: undefined }
  const match = /^v1\.([0-9]|[1-9][0-9]*)$/.exec(text)
  return match ? { minor: Number(match[1]) } : undefined
}

type Labels = Readonly<Record<string, string>>

/** A wrong label means the strictest for enforcing, and nothing for the others. */
export function policyOf(labels: Labels, fallback: Policy): { policy: Policy; errors: FieldError[] } {
  const errors: FieldError[] = []
  const read = (mode: keyof Policy): LevelVersion => readMode(labels, mode, fallback[mode], errors)
  const enforce = read('enforce')
  const audit = read('audit')
  const warn = read('warn')
  // Whoever asks for no warnings of his own is warned of what is enforced.
  const follows = labels[`${prefix}warn`] === undefined && stricter(enforce, fallback.warn)
  return { policy: { enforce, audit, warn: follows ? enforce : warn }, errors }
}

function stricter(a: LevelVersion, b: LevelVersion): boolean {
  return levels.indexOf(a.level) > levels.indexOf(b.level)
}

function readMode(labels: Labels, mode: keyof Policy, fallback: LevelVersion, errors: FieldError[]): LevelVersion {
  const path = FieldPath.root('metadata').child('labels')
  let { level, minor } = fallback
  const given = labels[prefix + mode]
  if (given !== undefined) {
    if (isLevel(given)) level = given
    else {
      level = mode === 'enforce' ? 'restricted' : 'privileged'
      errors.push(invalid(path.key(prefix + mode), given, `must be one of ${levels.join(', ')}`))
    }
  }
  const version = labels[`${prefix}${mode}-version`]
  if (version !== undefined) {
    const parsed = parseVersion(version)
    if (parsed) minor = parsed.minor
    else {
      minor = undefined
      errors.push(invalid(path.key(`${prefix}${mode}-version`), version, 'must be "latest" or "v1.x"'))
    }
  }
  return { level, minor }
}
