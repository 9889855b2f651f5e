/** The kuberc file: where it lies, and what `kubectl alpha kuberc` writes into it. */
import { emitYaml } from '#engine/base/yaml/emit'
import { parseYaml } from '#engine/base/yaml/parser'
import { isErrno } from '#engine/linux/abi/errno'
import { isObject } from '#engine/programs/kubectl/resources/metadata'
import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'

export interface FlagDefault {
  readonly name: string
  readonly default: string
}

export interface Alias {
  readonly name: string
  readonly command: string
  readonly prependArgs?: readonly string[]
  readonly appendArgs?: readonly string[]
  readonly options?: readonly FlagDefault[]
}

export interface Defaults {
  readonly command: string
  readonly options: readonly FlagDefault[] | null
}

export interface Preference {
  readonly kind: 'Preference'
  readonly apiVersion: string
  readonly defaults: readonly Defaults[] | null
  readonly aliases: readonly Alias[] | null
}

export const emptyPreference: Preference = { kind: 'Preference', apiVersion: 'kubectl.config.k8s.io/v1beta1', defaults: null, aliases: null }

export function kubercPath(session: Session): string {
  const environment = session.process.env.get('KUBERC') ?? ''
  if (environment === 'off') throw new CliError('KUBERC is disabled via KUBERC=off environment variable')
  return session.flags.string('kuberc') || environment || `${session.process.env.get('HOME') ?? ''}/.kube/kuberc`
}

/** Undefined without a file. */
export function readPreference(session: Session, path: string): Preference | undefined {
  try {
    const value = parseYaml(session.process.files.readText(path))
    if (!isObject(value)) return undefined
    return { ...emptyPreference, ...(typeof value['apiVersion'] === 'string' ? { apiVersion: value['apiVersion'] } : {}), defaults: listOf<Defaults>(value, 'defaults', ['command', 'options']), aliases: listOf<Alias>(value, 'aliases', ['name', 'command', 'prependArgs', 'appendArgs', 'options']) }
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

/** The first version wrote neither an empty list nor none. */
function listOf<T>(value: Record<string, unknown>, key: string, fields: readonly string[]): readonly T[] | null {
  const list = value[key]
  if (Array.isArray(list)) return list.filter(isObject).map((entry) => inOrder({ ...entry, ...(Array.isArray(entry['options']) ? { options: entry['options'].filter(isObject).map((option) => inOrder(option, ['name', 'default'])) } : {}) }, fields)) as readonly T[]
  return String(value['apiVersion']).endsWith('/v1alpha1') ? [] : null
}

/** The known fields, in the order of the API type. */
function inOrder(entry: Record<string, unknown>, fields: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(fields.filter((field) => entry[field] !== undefined).map((field) => [field, entry[field]]))
}

export async function writePreference(session: Session, path: string, preference: Preference): Promise<void> {
  const { files } = session.process
  const directory = path.slice(0, path.lastIndexOf('/'))
  if (directory !== '') files.mkdirAll(directory)
  files.writeFile(path, emitYaml(preference))
  await session.out(`Updated ${path}\n`)
}
