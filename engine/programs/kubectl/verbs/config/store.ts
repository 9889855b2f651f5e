/** kubeconfig files as `kubectl config` changes them: each entry knows the file it came from. */
import { emitYaml } from '#engine/base/yaml/emit'
import { parseKubeconfig } from '#engine/client/kubeconfig'
import { isErrno } from '#engine/linux/abi/errno'
import { absolute, kubeconfigFiles } from '#engine/programs/common/kube/config'
import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'

export type Entry = Record<string, unknown>

export interface Stanza {
  entry: Entry
  /** The file that defines it; empty for one that is new. */
  readonly origin: string
}

export const sections = ['clusters', 'contexts', 'users'] as const
export type Section = (typeof sections)[number]
export const entryKey: Readonly<Record<Section, string>> = { clusters: 'cluster', contexts: 'context', users: 'user' }

export interface Config {
  readonly clusters: Map<string, Stanza>
  readonly contexts: Map<string, Stanza>
  readonly users: Map<string, Stanza>
  currentContext: string
  preferences: Entry
}

export function emptyConfig(): Config {
  return { clusters: new Map(), contexts: new Map(), users: new Map(), currentContext: '', preferences: {} }
}

const fields: Readonly<Record<Section, readonly string[]>> = {
  clusters: ['server', 'tls-server-name', 'insecure-skip-tls-verify', 'certificate-authority', 'certificate-authority-data', 'proxy-url', 'disable-compression', 'extensions'],
  contexts: ['cluster', 'user', 'namespace', 'extensions'],
  users: ['client-certificate', 'client-certificate-data', 'client-key', 'client-key-data', 'token', 'tokenFile', 'as', 'as-uid', 'as-groups', 'as-user-extra', 'username', 'password', 'auth-provider', 'exec', 'extensions'],
}

const always: Readonly<Record<Section, readonly string[]>> = { clusters: ['server'], contexts: ['cluster', 'user'], users: [] }

const execFields = ['command', 'args', 'env', 'apiVersion', 'installHint', 'provideClusterInfo', 'interactiveMode']

/** Known fields alone, in the order of the API type; empty ones go. */
function normal(section: Section, entry: Entry): Entry {
  const out: Entry = {}
  for (const field of fields[section]) {
    const value = field === 'exec' ? normalExec(entry[field]) : field === 'auth-provider' ? normalProvider(entry[field]) : entry[field]
    if (always[section].includes(field)) out[field] = value ?? ''
    else if (!isEmpty(value)) out[field] = value
  }
  return out
}

function normalProvider(value: unknown): Entry | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { name = '', config } = value as Entry
  return { name, ...(isEmpty(config) ? {} : { config }) }
}

function normalExec(value: unknown): Entry | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const given = value as Entry
  const full: Entry = { ...given, command: given['command'] ?? '', args: given['args'] ?? null, env: given['env'] ?? null, provideClusterInfo: given['provideClusterInfo'] ?? false }
  return Object.fromEntries(execFields.filter((field) => full[field] !== undefined && full[field] !== '').map((field) => [field, full[field]]))
}

/** What reading makes of an exec plug-in of the beta versions that says nothing on interaction. */
function withDefaults(entry: Entry): Entry {
  const exec = entry['exec'] as Entry | undefined
  return exec && exec['interactiveMode'] === undefined && /\/v1(alpha|beta)1$/.test(String(exec['apiVersion'] ?? '')) ? { ...entry, exec: { ...exec, interactiveMode: 'IfAvailable' } } : entry
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === false) return true
  if (Array.isArray(value)) return value.length === 0
  return typeof value === 'object' && Object.keys(value).length === 0
}

export class ConfigStore {
  readonly files: readonly string[]
  readonly explicit: boolean

  constructor(private readonly session: Session) {
    const explicit = session.flags.string('kubeconfig')
    this.files = kubeconfigFiles(session.process, explicit)
    this.explicit = explicit !== ''
  }

  /** Where new entries go. */
  get defaultFile(): string {
    return this.files.find((file) => this.session.process.files.exists(file)) ?? (this.files.at(-1) as string)
  }

  read(file: string): Config {
    const config = emptyConfig()
    let text: string
    try {
      text = this.session.process.files.readText(file)
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOTDIR')) return config
      if (isErrno(error)) throw new CliError(`error loading config file "${file}": open ${file}: ${error.message.toLowerCase()}`)
      throw error
    }
    const parsed = parse(text, file) as unknown as Entry
    for (const section of sections) {
      for (const item of (parsed[section] ?? []) as Entry[]) {
        const name = String(item['name'] ?? '')
        if (!config[section].has(name)) config[section].set(name, { entry: withDefaults(normal(section, (item[entryKey[section]] ?? {}) as Entry)), origin: file })
      }
    }
    config.currentContext = (parsed['current-context'] as string | undefined) ?? ''
    config.preferences = Object.fromEntries(Object.entries((parsed['preferences'] ?? {}) as Entry).filter(([, value]) => !isEmpty(value)))
    return config
  }

  /** All files merged: the first to define something wins. */
  load(): Config {
    const merged = emptyConfig()
    for (const file of this.files) {
      const config = this.read(file)
      for (const section of sections) for (const [name, stanza] of config[section]) if (!merged[section].has(name)) merged[section].set(name, stanza)
      merged.currentContext ||= config.currentContext
      if (Object.keys(merged.preferences).length === 0) merged.preferences = config.preferences
    }
    return merged
  }

  /** Writes what differs from the files, each entry to the file it came from. */
  save(wanted: Config): void {
    const before = this.load()
    if (before.currentContext !== wanted.currentContext) this.saveCurrentContext(wanted.currentContext)
    if (!same(before.preferences, wanted.preferences)) this.edit(this.files[0] as string, (config) => (config.preferences = wanted.preferences))
    for (const section of sections) {
      for (const [name, { entry, origin }] of wanted[section]) {
        if (same(before[section].get(name)?.entry, normal(section, entry)) && before[section].has(name)) continue
        const file = origin === '' ? this.defaultFile : origin
        this.edit(file, (config) => config[section].set(name, { entry: relative(entry, absolute(this.session.process, file)), origin: file }))
      }
      for (const [name, { origin }] of before[section]) if (!wanted[section].has(name)) this.edit(origin, (config) => config[section].delete(name))
    }
  }

  private saveCurrentContext(name: string): void {
    if (this.explicit || name !== '') return this.edit(this.defaultFile, (config) => (config.currentContext = name))
    const file = this.files.find((path) => this.session.process.files.exists(path) && this.read(path).currentContext !== '')
    if (file === undefined) throw new CliError('no config found to write context')
    this.edit(file, (config) => (config.currentContext = ''))
  }

  private edit(file: string, change: (config: Config) => unknown): void {
    const config = this.read(file)
    change(config)
    const { files } = this.session.process
    const slash = file.lastIndexOf('/')
    try {
      if (slash > 0) files.mkdirAll(file.slice(0, slash), 0o755)
      files.writeFile(file, emitYaml(external(config)), 0o600)
    } catch (error) {
      if (isErrno(error)) throw new CliError(`open ${file}: ${error.message.toLowerCase()}`)
      throw error
    }
  }
}

function parse(text: string, file: string): ReturnType<typeof parseKubeconfig> {
  try {
    return parseKubeconfig(text)
  } catch (error) {
    throw new CliError((error as Error).message.replace('error loading config file ""', `error loading config file "${file}"`))
  }
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** Paths below the file's own directory are written relative to it. */
function relative(entry: Entry, file: string): Entry {
  const base = file.slice(0, file.lastIndexOf('/') + 1)
  const out = { ...entry }
  for (const field of ['certificate-authority', 'client-certificate', 'client-key']) {
    const path = out[field]
    if (base !== '' && typeof path === 'string' && path.startsWith(base)) out[field] = path.slice(base.length)
  }
  return out
}

/** As it is written and shown, in the order of the API type. */
export function external(config: Config): Entry {
  const list = (section: Section): Entry[] | null => {
    const names = [...config[section].keys()].sort()
    return names.length === 0 ? null : names.map((name) => ({ name, [entryKey[section]]: normal(section, (config[section].get(name) as Stanza).entry) }))
  }
  return { kind: 'Config', apiVersion: 'v1', ...(Object.keys(config.preferences).length > 0 ? { preferences: config.preferences } : {}), clusters: list('clusters'), users: list('users'), contexts: list('contexts'), 'current-context': config.currentContext }
}
