/** `config set` and `config unset`: a dotted path to one value. */
import { parseGoBool } from '#engine/programs/common/cobra/values'
import { illegalBase64At } from '#engine/base/base64'
import { toBase64, encodeUtf8 } from '#engine/base/bytes'
import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Config, Entry, Section } from './store'

type Kind = 'string' | 'bool' | 'bytes' | 'list' | 'map' | 'pointer'

const texts = (...names: string[]): Record<string, Kind> => Object.fromEntries(names.map((name) => [name, 'string' as const]))

const entryFields: Readonly<Record<Section, Readonly<Record<string, Kind>>>> = {
  clusters: { ...texts('server', 'tls-server-name', 'certificate-authority', 'proxy-url'), 'insecure-skip-tls-verify': 'bool', 'certificate-authority-data': 'bytes', 'disable-compression': 'bool', extensions: 'map' },
  contexts: { ...texts('cluster', 'user', 'namespace'), extensions: 'map' },
  users: { ...texts('client-certificate', 'client-key', 'token', 'tokenFile', 'act-as', 'act-as-uid', 'username', 'password'), 'client-certificate-data': 'bytes', 'client-key-data': 'bytes', 'act-as-groups': 'list', 'act-as-user-extra': 'map', 'auth-provider': 'pointer', exec: 'pointer', extensions: 'map' },
}

const topFields = new Set(['kind', 'apiVersion', 'preferences', 'clusters', 'users', 'contexts', 'current-context', 'extensions'])

interface Place {
  readonly section: Section
  readonly name: string
  readonly field?: string
}

function isSection(text: string): text is Section {
  return text === 'clusters' || text === 'contexts' || text === 'users'
}

/** The name ends where a known field begins: names may hold dots. */
function placeIn(path: string, section: Section, parts: readonly string[]): Place {
  const known = parts.findIndex((part, index) => index > 0 && part in entryFields[section])
  if (known < 0) return { section, name: parts.join('.') }
  if (known < parts.length - 1) throw new CliError(`unable to parse one or more field values of ${path}`)
  return { section, name: parts.slice(0, known).join('.'), field: parts[known] as string }
}

export function modifyProperty(config: Config, path: string, value: string | undefined, rawBytes = false): void {
  const [first = '', ...rest] = path.split('.')
  if (!topFields.has(first)) throw new CliError(`unable to parse ${path} after [] at api.Config`)
  if (isSection(first)) return modifySection(config, path, first, rest, value, rawBytes)
  if (first === 'preferences') return modifyPreferences(config, path, rest, value)
  if (rest.length > 0) throw new CliError(`unable to parse one or more field values of ${path}`)
  if (first === 'current-context') config.currentContext = value ?? ''
}

function modifyPreferences(config: Config, path: string, rest: readonly string[], value: string | undefined): void {
  if (rest.length === 0) {
    if (value !== undefined) throw new CliError(`unable to locate path clientcmdapi.Preferences under ${path}`)
    config.preferences = {}
    return
  }
  if (rest.length > 1 || rest[0] !== 'colors') throw new CliError(rest[0] === 'colors' ? `unable to parse one or more field values of ${path}` : `unable to parse ${path} after [{preferences api.Preferences}] at api.Preferences`)
  if (value !== undefined && asBool(value)) config.preferences = { ...config.preferences, colors: true }
  else config.preferences = Object.fromEntries(Object.entries(config.preferences).filter(([key]) => key !== 'colors'))
}

function modifySection(config: Config, path: string, section: Section, rest: readonly string[], value: string | undefined, rawBytes: boolean): void {
  if (rest.length === 0) {
    if (value !== undefined) throw new CliError(`can't set a map to a value: ${mapText(config, section)}`)
    return config[section].clear()
  }
  const { name, field } = placeIn(path, section, rest)
  if (field === undefined) {
    if (value !== undefined) throw new CliError(`can't set a map to a value: ${mapText(config, section)}`)
    config[section].delete(name)
    return
  }
  const stanza = config[section].get(name)
  if (!stanza && value === undefined) throw new CliError(`current map key \`${name}\` is invalid`)
  const entry: Entry = { ...stanza?.entry }
  const key = field.replace(/^act-as/, 'as')
  if (value === undefined) delete entry[key]
  else entry[key] = typed(entryFields[section][field] as Kind, value, rawBytes)
  config[section].set(name, { entry, origin: stanza?.origin ?? '' })
}

function mapText(config: Config, section: Section): string {
  return `map[${[...config[section].keys()].sort().map((name, index) => `${name}:0xc000${(0x41a000 + index * 0x80).toString(16)}`).join(' ')}]`
}

function typed(kind: Kind, value: string, rawBytes: boolean): unknown {
  switch (kind) {
    case 'string': return value
    case 'bool': return asBool(value)
    case 'bytes': return rawBytes ? toBase64(encodeUtf8(value)) : checkedBase64(value)
    case 'list': throw new CliError('unrecognized slice type. string')
    case 'map': case 'pointer': throw new CliError(`can't set a map to a value: map[]`)
  }
}

function asBool(value: string): boolean {
  try {
    return parseGoBool(value)
  } catch (error) {
    throw new CliError((error as Error).message)
  }
}

function checkedBase64(value: string): string {
  const wrong = illegalBase64At(value)
  if (wrong !== undefined) throw new CliError(`error decoding input value: illegal base64 data at input byte ${wrong}`)
  return value.replace(/[\r\n]/g, '')
}
