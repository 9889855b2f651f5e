/** Typed values: which fields an object sets, how two of them differ, how one is merged into another. */
import { equalJson } from '#engine/api/object'
import type { FieldType, Type } from '#engine/apiserver/schema/type'
import { anyType } from '#engine/apiserver/schema/type'
import { emptySet, insert, type FieldNode } from './set'

type Fields = Record<string, unknown>

export class TypedError extends Error {
  override readonly name = 'TypedError'
}

export function fieldOf(type: Type, key: string): { type: Type; atomic: boolean; declared: boolean } | undefined {
  if (type.kind === 'struct') {
    const field: FieldType | undefined = type.fields.get(key)
    if (field) return { type: field.type, atomic: field.atomic || field.type.atomic === true, declared: true }
    return type.preserveUnknown ? { type: anyType, atomic: false, declared: false } : undefined
  }
  if (type.kind === 'map') return { type: type.element as Type, atomic: type.element?.atomic === true, declared: false }
  return { type: anyType, atomic: false, declared: false }
}

function isMapLike(type: Type, value: unknown): value is Fields {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false
  return type.kind === 'struct' || type.kind === 'map' || (type.kind === 'any' && !type.atomic)
}

function isGranularList(type: Type): boolean {
  return type.kind === 'list' && (type.listType === 'map' || type.listType === 'set')
}

/** The path element of a list item. Throws TypedError on an item without its keys. */
export function itemPart(type: Type, item: unknown, index: number): string {
  if (type.listType === 'set') return `v:${JSON.stringify(item)}`
  if (item === null || typeof item !== 'object') throw new TypedError(`element ${index}: associative list with keys may not have non-map elements`)
  const keys: Fields = {}
  for (const key of [...(type.mapKeys ?? [])].sort()) {
    const value = (item as Fields)[key]
    const fallback = type.element?.fields.get(key)?.default
    if (value !== undefined && value !== null) keys[key] = value
    else if (fallback !== undefined) keys[key] = fallback
    else if (value === null) keys[key] = null
    else throw new TypedError(`element ${index}: associative list with keys has an element that omits key field ${JSON.stringify(key)} (and doesn't have default value)`)
  }
  return `k:${JSON.stringify(keys)}`
}

/** The set of fields that an applied object names. */
export function toFieldSet(type: Type, value: unknown): FieldNode {
  const root = emptySet()
  collect(type, false, value, [], root)
  return root
}

function collect(type: Type, atomic: boolean, value: unknown, path: string[], root: FieldNode): void {
  const whole = atomic || type.atomic === true
  if (!whole && isGranularList(type) && Array.isArray(value)) return collectItems(type, value, path, root)
  if (whole || !isMapLike(type, value)) {
    if (value !== null) insert(root, path)
    return
  }
  for (const key in value) {
    const field = fieldOf(type, key)
    const item = value[key]
    if (field && item !== undefined) collectField(field, item, [...path, `f:${key}`], root)
  }
}

function collectField(field: { type: Type; atomic: boolean; declared: boolean }, item: unknown, path: string[], root: FieldNode): void {
  collect(field.type, field.atomic, item, path, root)
  if (isEmpty(field.type, item) || !field.declared) insert(root, path)
}

function isEmpty(type: Type, item: unknown): boolean {
  return item === null || (isMapLike(type, item) && Object.keys(item).length === 0)
}

function collectItems(type: Type, items: readonly unknown[], path: string[], root: FieldNode): void {
  items.forEach((item, index) => {
    const next = [...path, itemPart(type, item, index)]
    collect(type.element as Type, false, item, next, root)
    insert(root, next)
  })
}

export interface Comparison {
  /** Modified and added: what an update claims. */
  readonly changed: FieldNode
  readonly removed: FieldNode
}

export function compare(type: Type, before: unknown, after: unknown): Comparison {
  const out: Comparison = { changed: emptySet(), removed: emptySet() }
  new Comparer(out).value(type, false, before, after, [])
  return out
}

class Comparer {
  constructor(private readonly out: Comparison) {}

  value(type: Type, atomic: boolean, before: unknown, after: unknown, path: string[]): void {
    if ((before === undefined && after === undefined) || before === after) return
    if (atomic || type.atomic === true || this.isLeaf(type, before, after)) {
      if (!this.onOneSide(before, after, path) && !equalJson(before, after)) insert(this.out.changed, path)
      return
    }
    if (isGranularList(type)) this.list(type, (before ?? []) as unknown[], (after ?? []) as unknown[], path)
    else this.map(type, (before ?? {}) as Fields, (after ?? {}) as Fields, path)
    if (path.length > 0) this.onOneSide(before, after, path)
  }

  private onOneSide(before: unknown, after: unknown, path: string[]): boolean {
    if (before === undefined) insert(this.out.changed, path)
    else if (after === undefined) insert(this.out.removed, path)
    else return false
    return true
  }

  /** Scalars, and containers that are empty on both sides. */
  private isLeaf(type: Type, before: unknown, after: unknown): boolean {
    if (isGranularList(type)) return isNothing(before) && isNothing(after)
    if (isMapLike(type, before) || isMapLike(type, after)) return isNothing(before) && isNothing(after)
    return true
  }

  private map(type: Type, before: Fields, after: Fields, path: string[]): void {
    for (const key in before) {
      const field = fieldOf(type, key)
      if (field) this.below(field.type, field.atomic, before[key], after[key], path, `f:${key}`)
    }
    for (const key in after) {
      if (before[key] !== undefined) continue
      const field = fieldOf(type, key)
      if (field) this.below(field.type, field.atomic, undefined, after[key], path, `f:${key}`)
    }
  }

  private list(type: Type, before: unknown[], after: unknown[], path: string[]): void {
    const old = keyed(type, before)
    const now = keyed(type, after)
    for (const [part, item] of old) this.item(type, item, now.get(part), path, part)
    for (const [part, item] of now) if (!old.has(part)) this.item(type, undefined, item, path, part)
  }

  private item(type: Type, before: readonly unknown[] | undefined, after: readonly unknown[] | undefined, path: string[], part: string): void {
    if ((before?.length ?? 0) <= 1 && (after?.length ?? 0) <= 1) return this.below(type.element as Type, false, before?.[0], after?.[0], path, part)
    if (!equalJson(before, after)) insert(after === undefined ? this.out.removed : this.out.changed, [...path, part])
  }

  /** One path is walked along and back: a list of its own for each value would be most of the work. */
  private below(type: Type, atomic: boolean, before: unknown, after: unknown, path: string[], part: string): void {
    if (before === after) return
    path.push(part)
    this.value(type, atomic, before, after, path)
    path.pop()
  }
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null) return true
  if (Array.isArray(value)) return value.length === 0
  if (typeof value !== 'object') return false
  for (const key in value as Fields) if ((value as Fields)[key] !== undefined) return false
  return true
}

function keyed(type: Type, items: readonly unknown[]): Map<string, unknown[]> {
  const out = new Map<string, unknown[]>()
  items.forEach((item, index) => {
    let part: string
    try {
      part = itemPart(type, item, index)
    } catch {
      part = `i:${index}`
    }
    const standing = out.get(part)
    if (standing) standing.push(item)
    else out.set(part, [item])
  })
  return out
}

/** `applied` laid over `live`. */
export function merge(type: Type, live: unknown, applied: unknown, atomic = false): unknown {
  if (applied === undefined) return live
  if (live === undefined || atomic || type.atomic) return applied
  if (Array.isArray(live) && Array.isArray(applied) && isGranularList(type)) return mergeList(type, live, applied)
  if (!isMapLike(type, live) || !isMapLike(type, applied)) return applied
  const out: Fields = { ...live }
  for (const key in applied) {
    const field = fieldOf(type, key)
    out[key] = field ? merge(field.type, live[key], applied[key], field.atomic) : applied[key]
  }
  return out
}

/** Items of the applied list keep their order; live ones stay where they were relative to those they share. */
function mergeList(type: Type, live: unknown[], applied: unknown[]): unknown[] {
  const before = new Map(live.map((item, index) => [safePart(type, item, index), item]))
  const wanted = applied.map((item, index) => safePart(type, item, index))
  const appliedByPart = new Map(applied.map((item, index) => [wanted[index] as string, item]))
  const liveParts = [...before.keys()]
  const out: unknown[] = []
  let at = 0
  for (const part of new Set(wanted)) {
    const position = liveParts.indexOf(part, at)
    // What stands before a shared item and is not applied keeps its place before it.
    for (; at < position; at++) if (!appliedByPart.has(liveParts[at] as string)) out.push(before.get(liveParts[at] as string))
    out.push(merge(type.element as Type, before.get(part), appliedByPart.get(part)))
  }
  for (; at < liveParts.length; at++) if (!appliedByPart.has(liveParts[at] as string)) out.push(before.get(liveParts[at] as string))
  return out
}

function safePart(type: Type, item: unknown, index: number): string {
  try {
    return itemPart(type, item, index)
  } catch {
    return `i:${index}`
  }
}

/** Takes away what was applied before, is not any more, and nobody else owns; what nobody owns at all stays. */
export function prune(type: Type, value: unknown, last: FieldNode, owned: FieldNode | undefined): unknown {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return isGranularList(type) ? pruneList(type, value, last, owned) : value
  const out: Fields = { ...(value as Fields) }
  for (const [part, before] of last.kids) {
    const key = part.slice(2)
    if (!part.startsWith('f:') || out[key] === undefined) continue
    const rest = prunedField(fieldOf(type, key)?.type ?? anyType, out[key], before, owned?.kids.get(part))
    if (rest === undefined) delete out[key]
    else out[key] = rest
  }
  return out
}

/** Undefined where nothing of the field is left. */
function prunedField(type: Type, value: unknown, before: FieldNode, holder: FieldNode | undefined): unknown {
  if (!holder && (before.own || before.kids.size === 0)) return undefined
  const rest = prune(type, value, before, holder)
  // What becomes empty by this goes, unless somebody says that it is empty.
  return isNothing(rest) && !isNothing(value) && !holder?.own ? undefined : rest
}

function pruneList(type: Type, items: readonly unknown[], last: FieldNode, owned: FieldNode | undefined): unknown[] {
  return items.flatMap((item, index) => {
    const part = safePart(type, item, index)
    const before = last.kids.get(part)
    const holder = owned?.kids.get(part)
    if (!before) return [item]
    return before.own && !holder ? [] : [prune(type.element as Type, item, before, holder)]
  })
}
