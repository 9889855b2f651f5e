/** ConfigMaps and Secrets from literals, files and env files. */
import { encodeUtf8, toBase64 } from '#engine/base/bytes'
import { CliError } from '../session/errors'
import type { GeneratorArgs, GeneratorOptions } from './kustomization'
import type { Loader } from './loader'
import { type Behavior, type Data, Resource } from './resource'

interface Pair {
  readonly key: string
  readonly value: Uint8Array
}

const lineLength = 70

export function generate(loader: Loader, kind: 'ConfigMap' | 'Secret', args: GeneratorArgs, defaults: GeneratorOptions | undefined): Resource {
  if (!args.name) throw new CliError(`a ${kind === 'ConfigMap' ? 'configmap' : 'secret'} must have a name`)
  const object: Data = { apiVersion: 'v1', kind, metadata: { name: args.name, ...(args.namespace ? { namespace: args.namespace } : {}) } }
  const pairs = pairsOf(loader, args, kind.toLowerCase())
  if (kind === 'Secret') object['type'] = args.type || 'Opaque'
  fill(object, kind, pairs)
  const resource = new Resource(object)
  decorate(resource, defaults, args.options)
  resource.behavior = behaviorOf(args.behavior)
  resource.needsHash = !(args.options?.disableNameSuffixHash ?? false) && !(defaults?.disableNameSuffixHash ?? false)
  return resource
}

function behaviorOf(text = ''): Behavior {
  return text === 'create' || text === 'replace' || text === 'merge' ? text : 'unspecified'
}

function fill(object: Data, kind: string, pairs: readonly Pair[]): void {
  const data: Data = {}
  const binary: Data = {}
  for (const { key, value } of pairs) {
    const text = kind === 'Secret' ? undefined : textOf(value)
    if (kind === 'Secret') data[key] = wrapped(toBase64(value))
    else if (text !== undefined) data[key] = text
    else binary[key] = wrapped(toBase64(value))
  }
  if (Object.keys(data).length > 0) object['data'] = data
  if (Object.keys(binary).length > 0) object['binaryData'] = binary
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function wrapped(text: string): string {
  return text.length < lineLength ? text : (text.match(/.{1,70}/g) ?? []).map((line) => `${line}\n`).join('')
}

function decorate(resource: Resource, defaults: GeneratorOptions | undefined, own: GeneratorOptions | undefined): void {
  const labels = { ...defaults?.labels, ...own?.labels }
  const annotations = { ...defaults?.annotations, ...own?.annotations }
  if (Object.keys(labels).length > 0) resource.metadata['labels'] = labels
  if (Object.keys(annotations).length > 0) resource.metadata['annotations'] = annotations
  if (own?.immutable ?? defaults?.immutable) resource.object['immutable'] = true
}

function pairsOf(loader: Loader, args: GeneratorArgs, kind: string): Pair[] {
  const out: Pair[] = []
  try {
    for (const path of [...(args.envs ?? []), ...(args.env ? [args.env] : [])]) out.push(...envPairs(loader, path))
    for (const literal of args.literals ?? []) out.push(literalPair(literal, args.literals ?? []))
    for (const file of args.files ?? []) out.push(filePair(loader, file))
  } catch (error) {
    if (error instanceof CliError) throw new CliError(`loading KV pairs: ${error.message}`)
    throw error
  }
  const seen = new Set<string>()
  for (const { key } of out) {
    if (seen.has(key)) throw new CliError(`${kind} ${args.name ?? ''} illegally repeats the key \`${key}\``)
    seen.add(key)
  }
  return out
}

function literalPair(text: string, all: readonly string[]): Pair {
  const equals = text.indexOf('=')
  if (equals <= 0) throw new CliError(`literal sources [${all.join(' ')}]: invalid literal source ${text}, expected key=value`)
  const value = text.slice(equals + 1)
  const quoted = /^(["'])(.*)\1$/s.exec(value)
  return { key: text.slice(0, equals), value: encodeUtf8(quoted ? (quoted[2] as string) : value) }
}

function filePair(loader: Loader, text: string): Pair {
  const parts = text.split('=')
  if (parts.length > 2) throw new CliError(`file sources: key names or file paths cannot contain '='`)
  const path = parts.at(-1) as string
  if (parts.length === 2 && parts[0] === '') throw new CliError(`file sources: missing key name for file path '${path}' in source '${text}'`)
  if (path === '') throw new CliError(`file sources: missing file path for key name '${parts[0] ?? ''}' in source '${text}'`)
  const key = parts.length === 2 ? (parts[0] as string) : path.slice(path.lastIndexOf('/') + 1)
  try {
    return { key, value: loader.read(path) }
  } catch (error) {
    throw new CliError(`file sources: [${text}]: ${(error as Error).message}`)
  }
}

function envPairs(loader: Loader, path: string): Pair[] {
  let text: string
  try {
    text = loader.readText(path)
  } catch (error) {
    throw new CliError(`env source files: [${path}]: ${(error as Error).message}`)
  }
  const out: Pair[] = []
  text.replace(/^\uFEFF/, '').split('\n').forEach((line) => {
    const content = line.replace(/\r$/, '').replace(/^\s+/, '')
    if (content === '' || content.startsWith('#')) return
    const equals = content.indexOf('=')
    const key = equals < 0 ? content : content.slice(0, equals)
    const value = equals < 0 ? '' : content.slice(equals + 1)
    out.push({ key, value: encodeUtf8(value) })
  })
  return out
}
