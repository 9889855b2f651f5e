/** containers-registries.conf and auth.json: where names lead, which registries speak plain HTTP, and who is logged in. */
import { parse } from 'smol-toml'
import type { Files } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { fromBase64, decodeUtf8, encodeUtf8, toBase64 } from '#engine/base/bytes'
import type { AuthConfig } from '../api'
import type { RegistryHost } from '../images/hosts'
import { formatReference, parseReference, ReferenceError, withDefaultTag } from '../images/reference'
import type { Library } from './library'
import { PodmanError } from './model'

interface RegistryTable { readonly prefix?: string; readonly location?: string; readonly insecure?: boolean; readonly blocked?: boolean; readonly mirror?: readonly { readonly location: string; readonly insecure?: boolean }[] }

export interface RegistriesFile {
  readonly 'unqualified-search-registries'?: readonly string[]
  readonly registry?: readonly RegistryTable[]
  readonly aliases?: Readonly<Record<string, string>>
  readonly 'short-name-mode'?: string
}

export const registriesPath = '/etc/containers/registries.conf'

export class Registries {
  readonly search: readonly string[]
  readonly tables: readonly RegistryTable[]
  private readonly aliases = new Map<string, { target: string; file: string }>()

  constructor(files: Files) {
    const drops = '/etc/containers/registries.conf.d'
    const names = files.exists(drops) ? files.readDirectory(drops).map((entry) => entry.name).filter((name) => name.endsWith('.conf')).sort().map((name) => `${drops}/${name}`) : []
    let search: readonly string[] = []
    const tables: RegistryTable[] = []
    for (const path of [registriesPath, ...names]) {
      if (!files.exists(path)) continue
      const file = read(files, path)
      search = file['unqualified-search-registries'] ?? search
      tables.push(...(file.registry ?? []))
      for (const [name, target] of Object.entries(file.aliases ?? {})) this.aliases.set(name, { target, file: path })
    }
    this.search = search
    this.tables = tables
  }

  alias(name: string): { target: string; file: string } | undefined {
    return this.aliases.get(name)
  }

  hosts(domain: string, tlsVerify: boolean | undefined): RegistryHost[] {
    const table = this.tables.find((each) => (each.prefix ?? each.location ?? '').split('/')[0] === domain)
    if (table?.blocked) throw new PodmanError(`registry ${domain} is blocked in ${registriesPath} or /etc/containers/registries.conf.d`)
    const mirrors = (table?.mirror ?? []).map((mirror) => hostOf(mirror.location, mirror.insecure ?? false))
    const insecure = tlsVerify === undefined ? (table?.insecure ?? false) : !tlsVerify
    return [...mirrors, ...(insecure ? [hostOf(table?.location ?? domain, true)] : [hostOf(table?.location ?? domain, false)])]
  }
}

/** Without TLS where nobody insists on it: port 443 answers with it all the same. */
function hostOf(location: string, insecure: boolean): RegistryHost {
  const [domain = location] = location.split('/')
  const [name = domain, port] = domain.split(':')
  const scheme = insecure && port !== undefined && port !== '443' ? 'http' : 'https'
  return { scheme, name: domain === 'docker.io' ? 'registry-1.docker.io' : name, port: port === undefined ? 443 : Number(port), ...(insecure ? { skipVerify: true } : {}) }
}

function read(files: Files, path: string): RegistriesFile {
  try {
    return parse(files.readText(path)) as RegistriesFile
  } catch (error) {
    throw new PodmanError(`loading registries configuration ${JSON.stringify(path)}: toml: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''}`)
  }
}

export interface Candidate { readonly name: string; readonly note?: string }

/** Whether a name says no registry. */
export function isShort(text: string): boolean {
  const [first = '', ...rest] = text.split('/')
  return rest.length === 0 || !(/[.:]/.test(first) || first === 'localhost')
}

/** Full names to try for a pull, each with what is told of it. */
export function pullCandidates(library: Library, text: string): Candidate[] {
  if (!isShort(text)) return [{ name: checked(text) }]
  const registries = new Registries(library.files)
  const [, bare = text, suffix = ''] = /^([^:@]+)([:@].*)?$/.exec(text) ?? []
  const alias = registries.alias(bare)
  if (alias) return [{ name: checked(`${alias.target}${suffix}`), note: `Resolved ${JSON.stringify(bare)} as an alias (${alias.file})` }]
  if (registries.search.length === 0) throw new PodmanError(`short-name ${JSON.stringify(text)} did not resolve to an alias and no unqualified-search registries are defined in ${JSON.stringify(registriesPath)}`)
  return registries.search.map((registry, index) => ({ name: checked(`${registry}/${text}`), ...(index === 0 ? { note: `Resolving ${JSON.stringify(bare)} using unqualified-search registries (${registriesPath})` } : {}) }))
}

function checked(text: string): string {
  try {
    return formatReference(withDefaultTag(parseReference(text)))
  } catch (error) {
    if (error instanceof ReferenceError) throw new PodmanError(error.message)
    throw error
  }
}

/** A name for something of one's own: without a registry it is localhost's. */
export function localName(text: string): string {
  return checked(isShort(text) ? `localhost/${text}` : text)
}

/** Names under which a stored image may be meant. */
export function storedNames(library: Library, text: string): string[] {
  const tagged = /@|:[^/]*$/.test(text) ? text : `${text}:latest`
  if (!isShort(text)) return [tagged]
  const registries = new Registries(library.files)
  const [, bare = text, suffix = ''] = /^([^:@]+)([:@].*)?$/.exec(tagged) ?? []
  const alias = registries.alias(bare)
  return [`localhost/${tagged}`, ...(alias ? [`${alias.target}${suffix}`] : []), ...registries.search.map((registry) => `${registry}/${registry === 'docker.io' && !bare.includes('/') ? 'library/' : ''}${tagged}`), `docker.io/library/${tagged}`]
}

const authPath = '/run/containers/0/auth.json'

interface AuthFile { auths?: Record<string, { auth?: string }> }

export function authFilePath(process: Process, flag: string | undefined): string {
  return flag ?? process.env.get('REGISTRY_AUTH_FILE') ?? authPath
}

export function readAuth(files: Files, path: string): Record<string, { auth?: string }> {
  return files.exists(path) ? ((JSON.parse(files.readText(path)) as AuthFile).auths ?? {}) : {}
}

export function authFor(process: Process, domain: string, flag?: string): AuthConfig | undefined {
  for (const path of [authFilePath(process, flag), `${process.env.get('HOME') ?? '/root'}/.docker/config.json`]) {
    const entry = readAuth(process.files, path)[domain]
    if (entry?.auth !== undefined) return { auth: entry.auth }
  }
  return undefined
}

export function writeAuth(files: Files, path: string, auths: Record<string, { auth?: string }>): void {
  files.mkdirAll(path.slice(0, path.lastIndexOf('/')), 0o700)
  files.writeFile(path, JSON.stringify({ auths }, null, '\t'), 0o600)
}

export function encodeAuth(user: string, password: string): string {
  return toBase64(encodeUtf8(`${user}:${password}`))
}

export function userOf(auth: string): string {
  return decodeUtf8(fromBase64(auth)).split(':')[0] ?? ''
}
