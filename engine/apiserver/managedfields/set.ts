/** Sets of fields, as trees in the form of FieldsV1: `f:name`, `k:{"name":"a"}`, `v:"x"`. */
export interface FieldNode {
  /** The path itself is in the set. */
  own: boolean
  readonly kids: Map<string, FieldNode>
}

export function emptySet(): FieldNode {
  return { own: false, kids: new Map() }
}

export function isEmpty(node: FieldNode): boolean {
  return !node.own && node.kids.size === 0
}

export function insert(root: FieldNode, path: readonly string[]): void {
  let node = root
  for (const part of path) {
    let kid = node.kids.get(part)
    if (!kid) node.kids.set(part, (kid = emptySet()))
    node = kid
  }
  node.own = true
}

/** `a` itself where `b` adds nothing. */
export function union(a: FieldNode, b: FieldNode): FieldNode {
  if (a === b || isEmpty(b)) return a
  if (isEmpty(a)) return b
  let kids: Map<string, FieldNode> | undefined
  for (const [part, kid] of b.kids) {
    const other = a.kids.get(part)
    const both = other ? union(other, kid) : kid
    if (both !== other) (kids ??= new Map(a.kids)).set(part, both)
  }
  return !kids && (a.own || !b.own) ? a : { own: a.own || b.own, kids: kids ?? a.kids }
}

/** What of `a` is not in `b`: `a` itself where that is all of it. */
export function difference(a: FieldNode, b: FieldNode): FieldNode {
  if (isEmpty(b)) return a
  let kids: Map<string, FieldNode> | undefined
  for (const [part, other] of b.kids) {
    const kid = a.kids.get(part)
    const rest = kid && difference(kid, other)
    if (!rest || rest === kid) continue
    kids ??= new Map(a.kids)
    if (isEmpty(rest)) kids.delete(part)
    else kids.set(part, rest)
  }
  return !kids && !(a.own && b.own) ? a : { own: a.own && !b.own, kids: kids ?? a.kids }
}

export function intersection(a: FieldNode, b: FieldNode): FieldNode {
  const kids = new Map<string, FieldNode>()
  for (const [part, kid] of a.kids) {
    const other = b.kids.get(part)
    if (!other) continue
    const common = intersection(kid, other)
    if (!isEmpty(common)) kids.set(part, common)
  }
  return { own: a.own && b.own, kids }
}

export function equalSets(a: FieldNode, b: FieldNode): boolean {
  if (a.own !== b.own || a.kids.size !== b.kids.size) return false
  for (const [part, kid] of a.kids) {
    const other = b.kids.get(part)
    if (!other || !equalSets(kid, other)) return false
  }
  return true
}

/** Paths of all members in order. */
export function members(node: FieldNode, prefix: readonly string[] = []): string[][] {
  const out: string[][] = node.own ? [[...prefix]] : []
  for (const part of sortedParts(node)) out.push(...members(node.kids.get(part) as FieldNode, [...prefix, part]))
  return out
}

/** Fields, items by key, items by value, items by index: the alphabet, but for the last. */
const order = 'fkvi'

export function sortedParts(node: FieldNode): string[] {
  const parts = [...node.kids.keys()]
  if (parts.length < 2) return parts
  if (!parts.some((part) => part.startsWith('i'))) return parts.sort()
  return parts.sort((a, b) => {
    const kind = order.indexOf(a.charAt(0)) - order.indexOf(b.charAt(0))
    return kind !== 0 ? kind : a < b ? -1 : a > b ? 1 : 0
  })
}

/** `.spec.containers[name="a"].image`, as conflicts name fields. */
export function pathText(path: readonly string[]): string {
  let out = ''
  for (const part of path) {
    const rest = part.slice(2)
    switch (part.charAt(0)) {
      case 'f': out += `.${rest}`; break
      case 'k': out += `[${Object.entries(JSON.parse(rest) as Record<string, unknown>).map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`; break
      case 'v': out += `[=${rest}]`; break
      default: out += `[${rest}]`
    }
  }
  return out
}
