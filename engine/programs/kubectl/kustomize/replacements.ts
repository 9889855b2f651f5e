/** Values copied from one object's field into others'. */
import { copyObject } from '#engine/api/object'
import { parseYaml } from '#engine/base/yaml/parser'
import { CliError } from '../session/errors'
import { isMap } from './fieldpath'
import type { Selector } from './kustomization'
import type { Loader } from './loader'
import { type Data, idText, type Resource, type ResourceMap } from './resource'

interface FieldOptions {
  readonly delimiter?: string
  readonly index?: number
  readonly create?: boolean
}

interface Replacement {
  readonly path?: string
  readonly source?: Selector & { readonly fieldPath?: string; readonly options?: FieldOptions }
  readonly sourceValue?: string
  readonly targets?: readonly { readonly select?: Selector; readonly reject?: readonly Selector[]; readonly fieldPaths?: readonly string[]; readonly options?: FieldOptions }[]
}

export function replacementChange(loader: Loader, entries: readonly Data[]): (map: ResourceMap) => void {
  const all = (entries as readonly Replacement[]).flatMap((entry) => loaded(loader, entry))
  return (map) => {
    for (const replacement of all) applyOne(map, replacement)
  }
}

function loaded(loader: Loader, entry: Replacement): Replacement[] {
  if (!entry.path) return [entry]
  const value = parseYaml(loader.readText(entry.path))
  return (Array.isArray(value) ? value : [value]) as Replacement[]
}

function applyOne(map: ResourceMap, { source, sourceValue, targets }: Replacement): void {
  if ((!source && sourceValue === undefined) || !targets) throw new CliError('replacements must specify a source and at least one target')
  if (source && sourceValue !== undefined) throw new CliError('value and resource selectors are mutually exclusive')
  const value = source ? sourceOf(map, source) : sourceValue
  for (const target of targets) {
    if (!target.select) throw new CliError('target must specify resources to select')
    const resources = map.list.filter((resource) => matches(resource, target.select as Selector) && !(target.reject ?? []).some((reject) => matches(resource, reject)))
    for (const resource of resources) for (const path of target.fieldPaths ?? ['metadata.name']) put(resource, path, value, target.options ?? {})
  }
}

function matches(resource: Resource, selector: Selector): boolean {
  return resource.allIds.some((id) => (!selector.group || id.group === selector.group) && (!selector.version || id.version === selector.version) && (!selector.kind || id.kind === selector.kind) && (!selector.name || id.name === selector.name) && (!selector.namespace || (id.namespace || 'default') === selector.namespace))
}

function sourceOf(map: ResourceMap, source: NonNullable<Replacement['source']>): unknown {
  const found = map.list.filter((resource) => matches(resource, source))
  const wanted = idText({ group: source.group ?? '', version: source.version ?? '', kind: source.kind ?? '', name: source.name ?? '', namespace: source.namespace ?? '' })
  if (found.length > 1) throw new CliError(`multiple matches for selector ${wanted}${source.fieldPath ? `:${source.fieldPath}` : ''}`)
  const [resource] = found
  if (!resource) throw new CliError(`nothing selected by ${wanted}${source.fieldPath ? `:${source.fieldPath}` : ''}`)
  const path = source.fieldPath ?? 'metadata.name'
  const [value] = read(resource.object, fieldSteps(path))
  if (value === undefined) throw new CliError(`fieldPath \`${path}\` is missing for replacement source ${wanted}`)
  return piece(value, source.options ?? {})
}

function piece(value: unknown, { delimiter, index = 0 }: FieldOptions): unknown {
  if (!delimiter) return copyObject(value)
  const parts = String(value).split(delimiter)
  if (index >= parts.length || index < 0) throw new CliError(`options.index ${index} is out of bounds for value ${String(value)}`)
  return parts[index]
}

/** `spec.containers.[name=a].image`, `metadata.labels.a\.b`, `data.[x.y]`. */
function fieldSteps(path: string): string[] {
  const out: string[] = []
  let part = ''
  let bracket = 0
  for (let i = 0; i < path.length; i++) {
    const char = path.charAt(i)
    if (char === '\\' && path.charAt(i + 1) === '.') part += path.charAt(++i)
    else if (char === '.' && bracket === 0) {
      out.push(part)
      part = ''
    } else {
      if (char === '[') bracket++
      if (char === ']') bracket--
      part += char
    }
  }
  return [...out, part]
}

function listItems(node: readonly unknown[], step: string): number[] {
  if (step === '*') return node.map((_, index) => index)
  const match = /^\[([^=]+)=(.*)\]$/.exec(step)
  if (match) return node.flatMap((item, index) => (isMap(item) && String(item[match[1] as string]) === match[2] ? [index] : []))
  return /^\d+$/.test(step) && Number(step) < node.length ? [Number(step)] : []
}

function plainStep(step: string): string {
  return /^\[([^=]+)\]$/.exec(step)?.[1] ?? step
}

function read(node: unknown, steps: readonly string[]): unknown[] {
  const [first, ...rest] = steps
  if (first === undefined) return [node]
  if (Array.isArray(node)) return listItems(node, first).flatMap((index) => read(node[index], rest))
  if (!isMap(node)) return []
  if (first === '*') return Object.values(node).flatMap((value) => read(value, rest))
  const key = plainStep(first)
  return key in node ? read(node[key], rest) : []
}

function put(resource: Resource, path: string, value: unknown, options: FieldOptions): void {
  const { id } = resource
  const count = write(resource.object, fieldSteps(path), value, options)
  if (count === 0) throw new CliError(options.create ? `unable to find or create field ${JSON.stringify(path)} in replacement target` : `unable to find field ${JSON.stringify(path)} in replacement target`)
  if (resource.name !== id.name || resource.namespace !== id.namespace) resource.previous.push(id)
}

function write(node: unknown, steps: readonly string[], value: unknown, options: FieldOptions): number {
  const [first, ...rest] = steps
  if (first === undefined) return 0
  if (Array.isArray(node)) {
    let count = 0
    for (const index of listItems(node, first)) count += rest.length === 0 ? assign(node as unknown as Data, String(index), value, options) : write(node[index], rest, value, options)
    return count
  }
  if (!isMap(node)) return 0
  const key = plainStep(first)
  if (rest.length === 0) return key in node || options.create ? assign(node, key, value, options) : 0
  if (node[key] === undefined && options.create) node[key] = /^\[/.test(rest[0] as string) ? [] : {}
  return write(node[key], rest, value, options)
}

function assign(holder: Data, key: string, value: unknown, { delimiter, index = 0 }: FieldOptions): number {
  if (!delimiter) {
    holder[key] = copyObject(value)
    return 1
  }
  const parts = String(holder[key] ?? '').split(delimiter)
  if (index < 0) parts.unshift(String(value))
  else if (index >= parts.length) parts.push(String(value))
  else parts[index] = String(value)
  holder[key] = parts.join(delimiter)
  return 1
}
