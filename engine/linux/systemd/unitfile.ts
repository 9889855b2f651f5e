/** Unit files: sections of assignments, drop-ins merged over them, `%` specifiers. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Files } from '#engine/linux/abi/files'
import { knownKeys } from '#engine/linux/systemd/keys.table'

/** Where unit files stand, the first wins. */
export const unitDirectories = ['/etc/systemd/system.control', '/run/systemd/system.control', '/run/systemd/transient', '/etc/systemd/system', '/run/systemd/system', '/usr/local/lib/systemd/system', '/lib/systemd/system', '/usr/lib/systemd/system'] as const

export type UnitType = 'service' | 'target' | 'timer' | 'socket' | 'slice' | 'mount' | 'path' | 'scope' | 'swap' | 'device' | 'automount'
const types: readonly string[] = ['service', 'target', 'timer', 'socket', 'slice', 'mount', 'path', 'scope', 'swap', 'device', 'automount']

export interface UnitFile {
  readonly name: string
  readonly type: UnitType
  readonly loadState: 'loaded' | 'not-found' | 'masked' | 'bad-setting' | 'error'
  readonly fragmentPath: string | undefined
  readonly dropIns: readonly string[]
  readonly sections: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>
  /** `PATH:LINE: what is wrong, ignoring.` */
  readonly warnings: readonly string[]
  /** The newest modification among its files, to tell whether a daemon-reload is due. */
  readonly newestMs: number
  readonly instance: string | undefined
}

export function typeOf(name: string): UnitType | undefined {
  const suffix = name.slice(name.lastIndexOf('.') + 1)
  return name.includes('.') && types.includes(suffix) ? (suffix as UnitType) : undefined
}

/** `demo` is demo.service; names with a known suffix stay. */
export function fullName(name: string, suffix = 'service'): string {
  if (typeOf(name)) return name
  return name.startsWith('/') ? mountName(name) : `${name}.${suffix}`
}

export function mountName(path: string): string {
  return `${escapePath(path)}.mount`
}

export function escapePath(path: string): string {
  const trimmed = path.replace(/^\/+|\/+$/g, '')
  return trimmed === '' ? '-' : escapeText(trimmed)
}

export function escapeText(text: string): string {
  let out = ''
  for (const byte of new TextEncoder().encode(text)) {
    const character = String.fromCharCode(byte)
    if (character === '/') out += '-'
    else if (/[A-Za-z0-9:_]/.test(character) || (character === '.' && out !== '')) out += character
    else out += `\\x${byte.toString(16).padStart(2, '0')}`
  }
  return out
}

function templateOf(name: string): { template: string; instance: string } | undefined {
  const match = /^([^@]+@)(.+)\.([a-z]+)$/.exec(name)
  return match ? { template: `${match[1]}.${match[3]}`, instance: match[2] as string } : undefined
}

/** What stands in the directories of units at one moment: for those who load many at once. */
export class UnitFolders {
  private readonly listed = new Map<string, ReadonlySet<string>>()

  constructor(private readonly files: Files) {}

  has(directory: string, name: string): boolean {
    const known = this.listed.get(directory) ?? new Set(this.files.exists(directory)?.type === 'directory' ? this.files.readDirectory(directory).map((entry) => entry.name) : [])
    this.listed.set(directory, known)
    return known.has(name)
  }
}

export function loadUnitFile(files: Files, name: string, hostname: string, folders?: UnitFolders): UnitFile {
  const template = templateOf(name)
  const names = template ? [name, template.template] : [name]
  const empty = { name, type: typeOf(name) ?? 'service', dropIns: [], sections: new Map(), warnings: [], newestMs: 0, instance: template?.instance }
  const fragment = firstFragment(files, names, folders)
  const dropIns = findDropIns(files, names, folders)
  if (!fragment && (dropIns.length === 0 || empty.type === 'service')) return { ...empty, loadState: 'not-found', fragmentPath: undefined }
  if (fragment?.masked) return { ...empty, loadState: 'masked', fragmentPath: fragment.path }
  return { ...empty, ...readUnit(files, empty, fragment?.path, dropIns, hostname) }
}

type ReadUnit = Pick<UnitFile, 'loadState' | 'fragmentPath' | 'dropIns' | 'sections' | 'warnings' | 'newestMs'>

function readUnit(files: Files, { name, type, instance }: Pick<UnitFile, 'name' | 'type' | 'instance'>, fragmentPath: string | undefined, dropIns: readonly string[], hostname: string): ReadUnit {
  const paths = [...(fragmentPath === undefined ? [] : [fragmentPath]), ...dropIns]
  const newestMs = Math.max(0, ...paths.map((path) => files.stat(path).mtimeMs))
  return { ...parsedUnit(name, type, instance, hostname, paths, paths.map((path) => files.readText(path))), fragmentPath, dropIns, newestMs }
}

type ParsedUnit = Pick<UnitFile, 'loadState' | 'sections' | 'warnings'>

/** Units that were read before, on any machine: a manager that comes back reads them all again, and they are the same. */
const parsed = new Map<string, ParsedUnit>()
const mostParsed = 500

function parsedUnit(name: string, type: UnitType, instance: string | undefined, hostname: string, paths: readonly string[], texts: readonly string[]): ParsedUnit {
  const key = [name, hostname, ...paths, ...texts].join('\0')
  const known = parsed.get(key)
  if (known) return known
  const unit = parseUnit(type, specifiersOf(name, instance, hostname), paths, texts)
  if (parsed.size >= mostParsed) parsed.clear()
  parsed.set(key, unit)
  return unit
}

function parseUnit(type: UnitType, specifiers: Readonly<Record<string, string>>, paths: readonly string[], texts: readonly string[]): ParsedUnit {
  const sections = new Map<string, Map<string, string[]>>()
  const warnings: string[] = []
  for (const [index, path] of paths.entries()) if (!parseInto(texts[index] ?? '', path, sections, warnings, specifiers)) return { loadState: 'error', sections: new Map(), warnings }
  return { loadState: type === 'service' && !isRunnable(sections.get('Service')) ? 'bad-setting' : 'loaded', sections, warnings }
}

function isRunnable(service: ReadonlyMap<string, readonly string[]> | undefined): boolean {
  if (!service) return false
  const starts = service.get('ExecStart')?.length ?? 0
  const stops = service.get('ExecStop')?.length ?? 0
  const isOneshot = service.get('Type')?.at(-1) === 'oneshot'
  return isOneshot ? starts + stops > 0 : starts === 1
}

function firstFragment(files: Files, names: readonly string[], folders?: UnitFolders): ReturnType<typeof findFragment> {
  for (const name of names) {
    const found = findFragment(files, name, folders)
    if (found) return found
  }
  return undefined
}

export function findFragment(files: Files, name: string, folders?: UnitFolders): { path: string; masked: boolean } | undefined {
  for (const directory of unitDirectories) {
    if (folders?.has(directory, name) === false) continue
    const path = `${directory}/${name}`
    const entry = entryAt(files, path)
    if (!entry) continue
    if (entry.type === 'symlink' && files.readlink(path) === '/dev/null') return { path, masked: true }
    const target = files.exists(path)
    if (!target) continue
    if (target.type !== 'file' || target.size === 0) return target.type === 'file' ? { path, masked: true } : undefined
    return { path: entry.type === 'symlink' && !path.startsWith('/lib/') ? canonical(files, path, name) : path, masked: false }
  }
  return undefined
}

function entryAt(files: Files, path: string): ReturnType<Files['lstat']> | undefined {
  try {
    return files.lstat(path)
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

/** An alias leads to the file it names; that path is what systemctl shows. */
function canonical(files: Files, path: string, name: string): string {
  const real = files.realpath(path)
  const shown = real.startsWith('/usr/lib/systemd/system/') ? real.slice(4) : real
  return shown.endsWith(`/${name}`) || files.exists(shown) ? shown : path
}

function findDropIns(files: Files, names: readonly string[], folders?: UnitFolders): string[] {
  const found = new Map<string, string>()
  const directories = unitDirectories.filter((directory) => directory !== '/lib/systemd/system')
  for (const name of names)
    for (const directory of directories) {
      const holder = `${directory}/${name}.d`
      if (folders?.has(directory, `${name}.d`) === false || files.exists(holder)?.type !== 'directory') continue
      for (const entry of files.readDirectory(holder)) if (entry.name.endsWith('.conf') && !found.has(entry.name)) found.set(entry.name, `${holder}/${entry.name}`)
    }
  return [...found].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([, path]) => path)
}

function specifiersOf(name: string, instance: string | undefined, hostname: string): Readonly<Record<string, string>> {
  const prefix = name.slice(0, name.lastIndexOf('.'))
  return { n: name, N: prefix, p: prefix.split('@')[0] ?? prefix, i: instance ?? '', I: (instance ?? '').replace(/-/g, '/'), H: hostname, l: hostname.split('.')[0] ?? '', t: '/run', S: '/var/lib', C: '/var/cache', L: '/var/log', E: '/etc', T: '/tmp', V: '/var/tmp', u: 'root', U: '0', h: '/root', s: '/bin/bash', '%': '%' }
}

/** False where the file cannot be read at all. */
function parseInto(text: string, path: string, sections: Map<string, Map<string, string[]>>, warnings: string[], specifiers: Readonly<Record<string, string>>): boolean {
  let section: Map<string, string[]> | undefined
  let sectionName = ''
  let pending = ''
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (/^[#;]/.test(line)) continue
    if (line.endsWith('\\')) {
      pending += `${line.slice(0, -1)} `
      continue
    }
    const whole = (pending + line).trim()
    pending = ''
    if (whole === '') continue
    if (whole.startsWith('[')) {
      if (!whole.endsWith(']')) return false
      sectionName = whole.slice(1, -1)
      section = sections.get(sectionName) ?? new Map<string, string[]>()
      sections.set(sectionName, section)
      if (!knownKeys[sectionName] && !sectionName.startsWith('X-')) warnings.push(`${path}:${index + 1}: Unknown section '${sectionName}'. Ignoring.`)
      continue
    }
    const equals = whole.indexOf('=')
    if (!section) warnings.push(`${path}:${index + 1}: Assignment outside of section. Ignoring.`)
    else if (equals < 0) warnings.push(`${path}:${index + 1}: Missing '=', ignoring line.`)
    else assign(section, sectionName, whole.slice(0, equals).trim(), whole.slice(equals + 1).trim(), `${path}:${index + 1}`, warnings, specifiers)
  }
  return true
}

function assign(section: Map<string, string[]>, sectionName: string, key: string, value: string, at: string, warnings: string[], specifiers: Readonly<Record<string, string>>): void {
  const known = knownKeys[sectionName]
  if (known && !known.has(key) && !key.startsWith('X-')) return void warnings.push(`${at}: Unknown key '${key}' in section [${sectionName}], ignoring.`)
  if (value === '') return void section.set(key, [])
  const expanded = key.startsWith('Condition') || sectionName !== 'X' ? value.replace(/%([a-zA-Z%])/g, (whole, letter: string) => specifiers[letter] ?? whole) : value
  const values = section.get(key)
  if (values) values.push(expanded)
  else section.set(key, [expanded])
}

/** The last value of a setting. */
export function setting(unit: UnitFile, section: string, key: string): string | undefined {
  return unit.sections.get(section)?.get(key)?.at(-1)
}

export function settings(unit: UnitFile, section: string, key: string): readonly string[] {
  return unit.sections.get(section)?.get(key) ?? []
}

/** Values that are lists of names. */
export function words(unit: UnitFile, section: string, key: string): string[] {
  return settings(unit, section, key).flatMap((value) => value.split(/\s+/).filter(Boolean))
}

export function isTrue(text: string | undefined, otherwise: boolean): boolean {
  return text === undefined ? otherwise : /^(1|yes|y|true|t|on)$/i.test(text)
}

const units: Readonly<Record<string, number>> = { us: 0.001, usec: 0.001, ms: 1, msec: 1, s: 1000, sec: 1000, second: 1000, seconds: 1000, '': 1000, m: 60_000, min: 60_000, minute: 60_000, minutes: 60_000, h: 3_600_000, hr: 3_600_000, hour: 3_600_000, hours: 3_600_000, d: 86_400_000, day: 86_400_000, days: 86_400_000, w: 604_800_000, week: 604_800_000, weeks: 604_800_000 }

/** systemd.time(7): `5`, `5s`, `1min 30s`, `infinity`. */
export function parseSpan(text: string): number | undefined {
  if (text.trim() === 'infinity') return Infinity
  let total = 0
  let rest = text.trim()
  if (rest === '') return undefined
  while (rest !== '') {
    const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)\s*/.exec(rest)
    const unit = match ? units[match[2] ?? ''] : undefined
    if (!match || unit === undefined) return undefined
    total += Number(match[1]) * unit
    rest = rest.slice(match[0].length)
  }
  return total
}
