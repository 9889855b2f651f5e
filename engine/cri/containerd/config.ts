/** containerd's config.toml: versions 1 to 3, with the defaults of containerd 2.2. What is not acted on is kept for `config dump`. */
import { remembered } from '#engine/base/remembered'
import { parse, TomlError } from 'smol-toml'
import { isErrno } from '#engine/linux/abi/errno'
import type { Files } from '#engine/linux/abi/files'
import { defaultDocument, type Toml, v3 } from './config.table'

export { defaultDocument, type Toml } from './config.table'

export interface ContainerdConfig {
  readonly root: string
  readonly state: string
  readonly address: string
  readonly sandboxImage: string
  readonly systemdCgroup: boolean
  readonly registryConfigPath: string
  readonly cniBinDirs: readonly string[]
  readonly cniConfDir: string
  readonly cniMaxConfNum: number
  readonly criDisabled: boolean
  /** Pods may listen below 1024 without a capability, in network namespaces of their own. */
  readonly unprivilegedPorts: boolean
  readonly runtimes: readonly string[]
  readonly defaultRuntime: string
  readonly maxContainerLogLineSize: number
  readonly document: Toml
}

/** The file cannot be used; the message is what containerd prints after `containerd: `. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

export function loadConfig(files: Files, path: string, explicit: boolean): ContainerdConfig {
  const document = readDocument(files, path, explicit)
  const merged = merge(defaultDocument(), document)
  return resolve(merged)
}

function readDocument(files: Files, path: string, explicit: boolean): Toml {
  let text: string
  try {
    text = files.readText(path)
  } catch (error) {
    if (!isErrno(error)) throw error
    if (!explicit && error.code === 'ENOENT') return {}
    throw new ConfigError(`failed to load TOML: ${path}: open ${path}: ${error.message.toLowerCase()}`)
  }
  let document: Toml
  try {
    document = documentOf(text)
  } catch (error) {
    throw new ConfigError(`failed to load TOML: ${path}: ${tomlText(error)}`)
  }
  const version = document['version'] ?? 0
  if (typeof version !== 'number' || version > 3) throw new ConfigError(`failed to load TOML from ${path}: expected containerd config version equal to or less than \`3\`, got \`${String(version)}\``)
  if (version >= 2) checkDisabled(path, list(document['disabled_plugins']))
  return version === 3 ? document : upgrade(version === 2 ? document : fromFirst(document))
}

/** A daemon that starts again on a copy of its machine reads the same text. */
const documentOf = remembered(20, (text) => parse(text) as Toml)

function checkDisabled(path: string, names: readonly string[]): void {
  const wrong = names.find((name) => !name.startsWith('io.containerd.') || name.split('.').length < 4)
  if (wrong !== undefined) throw new ConfigError(`failed to load TOML from ${path}: invalid disabled plugin URI ${JSON.stringify(wrong)} expect io.containerd.x.vx`)
}

/** Version 1, which a file without a version is, knew plugins by short names. */
function fromFirst(document: Toml): Toml {
  const { cri, ...plugins } = table(document['plugins'])
  const disabled = list(document['disabled_plugins']).map((name) => (name === 'cri' ? v3.grpc : name))
  return { ...document, disabled_plugins: disabled, plugins: { ...plugins, ...(cri === undefined ? {} : { [v3.grpc]: cri }) } }
}

/** go-toml's style: `toml: ...` and the first line of what is wrong. */
function tomlText(error: unknown): string {
  if (!(error instanceof TomlError)) return String(error)
  const [first = ''] = error.message.replace(/^Invalid TOML document: /, '').split('\n')
  return `toml: ${first}`
}

/** Version 2 kept everything of CRI below one plugin; version 3 parts images from runtime. */
function upgrade(document: Toml): Toml {
  const plugins = table(document['plugins'])
  const cri = table(plugins[v3.grpc])
  const { containerd, cni, sandbox_image: sandbox, registry, ...rest } = cri as { containerd?: Toml; cni?: Toml; sandbox_image?: string; registry?: Toml }
  return {
    ...document,
    version: 3,
    plugins: {
      ...plugins,
      [v3.runtime]: { ...rest, ...(containerd ? { containerd } : {}), ...(cni ? { cni } : {}) },
      [v3.images]: { ...(sandbox === undefined ? {} : { pinned_images: { sandbox } }), ...(registry ? { registry } : {}) },
    },
  }
}

function resolve(document: Toml): ContainerdConfig {
  const plugins = table(document['plugins'])
  const images = table(plugins[v3.images])
  const runtime = table(plugins[v3.runtime])
  const cni = table(runtime['cni'])
  const containerd = table(runtime['containerd'])
  const runtimes = table(containerd['runtimes'])
  const defaultRuntime = text(containerd['default_runtime_name'], 'runc')
  const options = table(table(runtimes[defaultRuntime])['options'])
  const disabled = list(document['disabled_plugins'])
  const binDir = text(cni['bin_dir'], '')
  return {
    root: text(document['root'], '/var/lib/containerd'),
    state: text(document['state'], '/run/containerd'),
    address: text(table(document['grpc'])['address'], '/run/containerd/containerd.sock'),
    sandboxImage: text(table(images['pinned_images'])['sandbox'], 'registry.k8s.io/pause:3.10.1'),
    systemdCgroup: options['SystemdCgroup'] === true,
    registryConfigPath: text(table(images['registry'])['config_path'], ''),
    cniBinDirs: binDir === '' ? list(cni['bin_dirs']) : [binDir],
    cniConfDir: text(cni['conf_dir'], '/etc/cni/net.d'),
    cniMaxConfNum: typeof cni['max_conf_num'] === 'number' ? cni['max_conf_num'] : 1,
    criDisabled: disabled.some((name) => name === 'cri' || name === v3.grpc || name === v3.runtime),
    unprivilegedPorts: runtime['enable_unprivileged_ports'] === true,
    runtimes: Object.keys(runtimes),
    defaultRuntime,
    maxContainerLogLineSize: 16_384,
    document,
  }
}

function table(value: unknown): Toml {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Toml) : {}
}

function text(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value : fallback
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

function merge(base: Toml, over: Toml): Toml {
  const out: Toml = { ...base }
  for (const [key, value] of Object.entries(over)) {
    const known = out[key]
    out[key] = isTable(known) && isTable(value) ? merge(known, value) : value
  }
  return out
}

function isTable(value: unknown): value is Toml {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

/** In go-toml's layout: scalars first, tables indented by depth, single quotes. */
export function formatToml(document: Toml, path: readonly string[] = []): string {
  const indent = '  '.repeat(Math.max(0, path.length - 1))
  const keyIndent = '  '.repeat(path.length === 0 ? 0 : path.length - 1)
  const scalars = Object.entries(document).filter(([, value]) => !isTable(value)).map(([key, value]) => `${keyIndent}${tomlKey(key)} = ${tomlValue(value)}\n`)
  const tables = Object.entries(document).filter((entry): entry is [string, Toml] => isTable(entry[1])).map(([key, value]) => {
    const full = [...path, key]
    const head = `${path.length === 0 ? '' : `${indent}  `}[${full.map(tomlKey).join('.')}]\n`
    return `${head}${formatToml(value, full).replace(/^(?=\S)/gm, '')}`
  })
  const body = scalars.map((line) => (path.length === 0 ? line : `  ${line}`)).join('')
  return [body, ...tables].filter((part) => part !== '').join('\n')
}

function tomlKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : `'${key}'`
}

function tomlValue(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(', ')}]`
  return String(value)
}
