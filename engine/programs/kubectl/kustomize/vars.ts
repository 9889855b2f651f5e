/** `vars`: values of fields that stand for `$(NAME)` elsewhere (the older form of replacements). */
import { CliError } from '../session/errors'
import { appliesTo, changeField, type FieldSpec, isMap, pathParts } from './fieldpath'
import { gvkText, type Gvk, type Resource, type ResourceMap, sameId } from './resource'
import { isClusterScoped } from './scope.table'

export interface WrittenVar {
  readonly name?: string
  readonly objref?: { readonly apiVersion?: string; readonly group?: string; readonly version?: string; readonly kind?: string; readonly name?: string; readonly namespace?: string }
  readonly fieldref?: { readonly fieldPath?: string }
}

export interface Var {
  readonly name: string
  readonly target: Gvk & { readonly name: string; readonly namespace: string }
  readonly path: string
}

/** Adds the vars of one kustomization to those of its bases. */
export function mergeVars(known: readonly Var[], written: readonly WrittenVar[], map: ResourceMap): Var[] {
  const out = [...known]
  try {
    for (const one of written) if (matching(map, read(one)).length > 1) throw new CliError(`found ${matching(map, read(one)).length} resId matches for var ${describe(read(one), '')} (unable to disambiguate)`)
    for (const one of written) addVar(out, read(one))
  } catch (error) {
    if (error instanceof CliError) throw new CliError(`merging vars [${written.map(rawText).join(' ')}]: ${error.message}`)
    throw error
  }
  return out
}

export function addVar(known: Var[], one: Var): void {
  if (known.some(({ name }) => name === one.name)) throw new CliError(`var '${one.name}' already encountered`)
  known.push(one)
}

function read({ name = '', objref = {}, fieldref }: WrittenVar): Var {
  const [group, version] = objref.apiVersion === undefined ? [objref.group, objref.version] : objref.apiVersion.includes('/') ? objref.apiVersion.split('/') : ['', objref.apiVersion]
  return { name, target: { group: group ?? '', version: version ?? '', kind: objref.kind ?? '', name: objref.name ?? '', namespace: objref.namespace ?? '' }, path: fieldref?.fieldPath ?? 'metadata.name' }
}

function rawText({ name = '', objref = {}, fieldref }: WrittenVar): string {
  return `{${name} ${gvkText({ group: objref.group ?? '', version: objref.version ?? '', kind: objref.kind ?? '' })} {${fieldref?.fieldPath ?? ''}}}`
}

function describe({ name, target, path }: Var, shown = path): string {
  return `{${name} ${gvkText(target)} {${shown}}}`
}

function matching(map: ResourceMap, { target }: Var): Resource[] {
  const anyNamespace = target.namespace === '' && !isClusterScoped(target)
  return map.list.filter(({ allIds }) => allIds.some((id) => (anyNamespace ? id.group === target.group && id.kind === target.kind && id.name === target.name : sameId(id, target)) && (target.version === '' || id.version === target.version)))
}

/** Puts the values in; answers what the real one tells in its log. */
export function resolveVars(map: ResourceMap, vars: readonly Var[], specs: readonly FieldSpec[]): string[] {
  if (vars.length === 0) return []
  const values = new Map(vars.map((one) => [one.name, valueOf(map, one)]))
  const used = new Set<string>()
  const notes: string[] = []
  const lookup = (name: string): unknown => lookedUp(name, values, used, notes)
  for (const { object, gvk } of map.list) for (const spec of specs) if (appliesTo(spec, gvk)) changeField(object, pathParts(spec.path), false, (value) => expanded(value, lookup))
  const unused = [...values.keys()].filter((name) => !used.has(name)).sort()
  return unused.length === 0 ? notes : [...notes, `well-defined vars that were never replaced: ${unused.join(',')}`]
}

function lookedUp(name: string, values: ReadonlyMap<string, unknown>, used: Set<string>, notes: string[]): unknown {
  if (!values.has(name)) return undefined
  const value = values.get(name)
  if (value === null || typeof value !== 'object') {
    used.add(name)
    return value
  }
  notes.push(`MakePrimitiveReplacer: bad replacement type=${Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}'} val=${goValue(value)}`)
  return undefined
}

function goValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`
  if (isMap(value)) return `map[${Object.keys(value).sort().map((key) => `${key}:${goValue(value[key])}`).join(' ')}]`
  return value === null ? '<nil>' : String(value)
}

function valueOf(map: ResourceMap, one: Var): unknown {
  const found = matching(map, one)
  if (found.length > 1) throw new CliError(`found ${found.length} resId matches for var ${describe(one)} (unable to disambiguate)`)
  if (!found[0]) throw new CliError(`var '${describe(one)}' cannot be mapped to a field in the set of known resources`)
  const value = fieldAt(found[0].object, one.path)
  if (value === undefined) throw new CliError(`field specified in var '${describe(one)}' not found in corresponding resource`)
  return value
}

/** `spec.ports[0].port`, `metadata.annotations[a.b/c]`. */
function fieldAt(object: unknown, path: string): unknown {
  let at = object
  for (const [, bracketed, plain] of path.matchAll(/\[([^\]]*)\]|((?:\\.|[^.[\]\\])+)/g)) {
    const step = bracketed ?? (plain as string).replace(/\\(.)/g, '$1')
    if (at === null || typeof at !== 'object') return undefined
    at = (at as Record<string, unknown>)[step]
  }
  return at
}

function expanded(value: unknown, lookup: (name: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => expanded(item, lookup))
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, typeof item === 'string' ? expandedText(item, lookup) : item]))
  return typeof value === 'string' ? expandedText(value, lookup) : value
}

/** A text that is one var and nothing else becomes its value, of whatever type. */
function expandedText(text: string, lookup: (name: string) => unknown): unknown {
  const whole = /^\$\(([^()]*)\)$/.exec(text)
  if (whole) return lookup(whole[1] as string) ?? text
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (found: string, name: string | undefined) => (name === undefined ? '$' : textOf(lookup(name)) ?? found))
}

function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : typeof value === 'string' ? value : goValue(value)
}
