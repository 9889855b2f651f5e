/** What names mean while a filter runs, and the definitions that come with jq. */
import { hasNative } from '#engine/programs/text/jq/natives'
import { parseDefinitions } from '#engine/programs/text/jq/parser'
import { prelude } from '#engine/programs/text/jq/prelude'
import type { Definition, Filter } from '#engine/programs/text/jq/syntax'
import type { Json } from '#engine/programs/text/jq/values'

/** A value on its way, with its path while paths are collected. */
export interface Item {
  readonly value: Json
  readonly path: readonly Json[] | undefined
}

/** What names mean: a chain of variables and functions. */
export type Scope =
  | { readonly kind: 'variable'; readonly name: string; readonly value: Json; readonly next: Scope | undefined }
  | { readonly kind: 'closure'; readonly name: string; readonly body: Filter; readonly scope: Scope | undefined; readonly next: Scope | undefined }
  | { readonly kind: 'function'; readonly definition: Definition; next: Scope | undefined }
  | { readonly kind: 'label'; readonly name: string; readonly id: object; readonly next: Scope | undefined }

let builtinScope: Scope | undefined

export function builtins(): Scope | undefined {
  if (!builtinScope) for (const definition of parseDefinitions(prelude)) builtinScope = { kind: 'function', definition, next: builtinScope }
  return builtinScope
}

export function findFunction(scope: Scope | undefined, name: string, arity: number): Extract<Scope, { kind: 'function' | 'closure' }> | undefined {
  for (let at = scope; at; at = at.next) {
    if (at.kind === 'function' && at.definition.name === name && at.definition.parameters.length === arity) return at
    if (at.kind === 'closure' && at.name === name && arity === 0) return at
  }
  return undefined
}

export function isDefined(name: string, arity: number): boolean {
  return findFunction(builtins(), name, arity) !== undefined || hasNative(name, arity)
}
