/** Runs jq filters: generators over values, with the path to each value where one is asked for. */
import { callNative, type NativeContext } from '#engine/programs/text/jq/natives'
import { formatValue } from '#engine/programs/text/jq/formats'
import { labelId, namesOf, noPath } from '#engine/programs/text/jq/names'
import { operate } from '#engine/programs/text/jq/operate'
import { builtins, findFunction, type Item, type Scope } from '#engine/programs/text/jq/scope'
import { deletePaths, getPath, indexValue, setPath, sliceValue } from '#engine/programs/text/jq/paths'
import type { Filter, Pattern } from '#engine/programs/text/jq/syntax'
import { described, fail, isObject, JqError, type Json, type JsonObject, short, truthy, typeOf } from '#engine/programs/text/jq/values'

class BreakLabel {
  constructor(readonly id: object) {}
}

const maxDepth = 3000
/** Steps between two outputs; the evaluation runs in one go, so it must not take long. */
const maxSteps = 1_500_000

export class JqMachine {
  private depth = 0
  private steps = 0

  constructor(readonly context: NativeContext) {}

  /** An output was made: others had their turn. */
  restart(): void {
    this.steps = 0
  }

  /** Counts a step; natives that loop by themselves call it too. */
  tick(): void {
    if (++this.steps > maxSteps) fail('Evaluation takes more steps than this simulation allows')
  }

  *values(filter: Filter, input: Json, scope: Scope | undefined): Generator<Json> {
    for (const item of this.run(filter, { value: input, path: undefined }, scope)) yield item.value
  }

  /** Outputs with their paths. */
  *paths(filter: Filter, input: Json, scope: Scope | undefined): Generator<readonly Json[]> {
    for (const item of this.run(filter, { value: input, path: [] }, scope)) yield item.path ?? []
  }

  *run(filter: Filter, input: Item, scope: Scope | undefined): Generator<Item> {
    this.tick()
    if (++this.depth > maxDepth) {
      this.depth = 0
      fail('Maximum evaluation depth exceeded')
    }
    this.context.tick()
    try {
      yield* this.step(filter, input, scope)
    } finally {
      this.depth--
    }
  }

  private plain(input: Item): Json {
    return input.value
  }

  /** A value that is no place in the input: fine unless a path was asked for. */
  private made(value: Json, input: Item): Item {
    return { value, path: input.path === undefined ? undefined : noPath(value) }
  }

  private step(filter: Filter, input: Item, scope: Scope | undefined): Iterable<Item> {
    return (this.steppers[filter.type] as (filter: Filter, input: Item, scope: Scope | undefined) => Iterable<Item>)(filter, input, scope)
  }

  /** What each kind of filter does. */
  private readonly steppers: { readonly [T in Filter['type']]: (filter: Extract<Filter, { type: T }>, input: Item, scope: Scope | undefined) => Iterable<Item> } = {
    identity: (_, input) => [input],
    recurse: (_, input) => this.recurse(input),
    literal: ({ value }, input) => [this.made(value, input)],
    string: (filter, input, scope) => this.string(filter, input, scope),
    format: ({ name }, input) => [this.made(formatValue(name, input.value), input)],
    index: (filter, input, scope) => this.index(filter, input, scope),
    slice: (filter, input, scope) => this.slice(filter, input, scope),
    each: (filter, input, scope) => this.eachOf(filter, input, scope),
    try: (filter, input, scope) => this.attempt(filter, input, scope),
    pipe: (filter, input, scope) => this.pipe(filter, input, scope),
    comma: (filter, input, scope) => this.comma(filter, input, scope),
    negate: (filter, input, scope) => this.negate(filter, input, scope),
    binary: (filter, input, scope) => this.binary(filter, input, scope),
    and: (filter, input, scope) => this.logical(filter, false, input, scope),
    or: (filter, input, scope) => this.logical(filter, true, input, scope),
    alternative: (filter, input, scope) => this.alternative(filter, input, scope),
    assign: (filter, input, scope) => this.assign(filter, input, scope),
    array: ({ body }, input, scope) => [this.made(body ? [...this.values(body, input.value, scope)] : [], input)],
    object: ({ entries }, input, scope) => this.object(entries, 0, {}, input, scope),
    variable: ({ name }, input, scope) => [this.made(this.variable(name, scope), input)],
    call: (filter, input, scope) => this.call(filter, input, scope),
    if: (filter, input, scope) => this.conditional(filter, input, scope),
    reduce: (filter, input, scope) => this.reduce(filter, input, scope),
    foreach: (filter, input, scope) => this.foreach(filter, input, scope),
    as: (filter, input, scope) => this.bindAll(filter, input, scope),
    def: ({ definition, body }, input, scope) => this.run(body, input, { kind: 'function', definition, next: scope }),
    label: (filter, input, scope) => this.label(filter, input, scope),
    break: ({ name }, _, scope) => {
      throw new BreakLabel(labelId(name, scope))
    },
  }

  private *eachOf({ on }: Filter & { type: 'each' }, input: Item, scope: Scope | undefined): Generator<Item> {
    for (const item of this.run(on, input, scope)) yield* this.each(item)
  }

  private *pipe({ left, right }: Filter & { type: 'pipe' }, input: Item, scope: Scope | undefined): Generator<Item> {
    for (const item of this.run(left, input, scope)) yield* this.run(right, item, scope)
  }

  private *comma({ left, right }: Filter & { type: 'comma' }, input: Item, scope: Scope | undefined): Generator<Item> {
    yield* this.run(left, input, scope)
    yield* this.run(right, input, scope)
  }

  private *negate({ operand }: Filter & { type: 'negate' }, input: Item, scope: Scope | undefined): Generator<Item> {
    for (const value of this.values(operand, input.value, scope)) yield this.made(typeof value === 'number' ? -value : fail(`${described(value)} cannot be negated`), input)
  }

  private *conditional({ test, yes, no }: Filter & { type: 'if' }, input: Item, scope: Scope | undefined): Generator<Item> {
    for (const value of this.values(test, input.value, scope)) yield* truthy(value) ? this.run(yes, input, scope) : no ? this.run(no, input, scope) : [input]
  }

  private *recurse(input: Item): Generator<Item> {
    yield input
    if (typeof input.value !== 'object' || input.value === null) return
    if (++this.depth > maxDepth) fail('Maximum recursion depth exceeded')
    for (const child of this.each(input)) yield* this.recurse(child)
    this.depth--
  }

  private *each(on: Item): Generator<Item> {
    const { value, path } = on
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) yield { value: value[i] as Json, path: path && [...path, i] }
    } else if (isObject(value)) {
      for (const key of Object.keys(value)) yield { value: value[key], path: path && [...path, key] }
    } else if (value === null && path !== undefined) return
    else fail(`Cannot iterate over ${typeOf(value)}${value === null ? ' (null)' : ` (${short(value)})`}`)
  }

  private *string(filter: Filter & { type: 'string' }, input: Item, scope: Scope | undefined): Generator<Item> {
    const go = function* (machine: JqMachine, at: number, text: string): Generator<string> {
      const part = filter.parts[at]
      if (!part) yield text
      else if ('text' in part) yield* go(machine, at + 1, text + part.text)
      else for (const value of machine.values(part.filter, input.value, scope)) yield* go(machine, at + 1, text + String(filter.format === undefined ? (typeof value === 'string' ? value : formatValue('@text', value)) : formatValue(filter.format, value)))
    }
    for (const text of go(this, 0, '')) yield this.made(text, input)
  }

  private *index(filter: Filter & { type: 'index' }, input: Item, scope: Scope | undefined): Generator<Item> {
    for (const on of this.run(filter.on, input, scope)) {
      for (const key of this.values(filter.key, input.value, scope)) yield { value: indexValue(on.value, key), path: on.path && [...on.path, key] }
    }
  }

  private *slice(filter: Filter & { type: 'slice' }, input: Item, scope: Scope | undefined): Generator<Item> {
    for (const on of this.run(filter.on, input, scope)) {
      for (const to of filter.to ? this.values(filter.to, input.value, scope) : [null]) {
        for (const from of filter.from ? this.values(filter.from, input.value, scope) : [null]) yield { value: sliceValue(on.value, from, to), path: on.path && [...on.path, { start: from, end: to }] }
      }
    }
  }

  private *attempt(filter: Filter & { type: 'try' }, input: Item, scope: Scope | undefined): Generator<Item> {
    const depth = this.depth
    const iterator = this.run(filter.body, input, scope)
    for (;;) {
      let next: IteratorResult<Item>
      try {
        next = iterator.next()
      } catch (error) {
        this.depth = depth
        if (!(error instanceof JqError)) throw error
        if (isObject(error.value) && error.value.__jq !== undefined) throw error
        if (!filter.handler) return
        yield* this.run(filter.handler, { value: error.value, path: undefined }, scope)
        return
      }
      if (next.done) return
      yield next.value
    }
  }

  private *binary(filter: Filter & { type: 'binary' }, input: Item, scope: Scope | undefined): Generator<Item> {
    for (const right of this.values(filter.right, input.value, scope)) {
      for (const left of this.values(filter.left, input.value, scope)) yield this.made(operate(filter.operator, left, right), input)
    }
  }

  private *logical(filter: { readonly left: Filter; readonly right: Filter }, or: boolean, input: Item, scope: Scope | undefined): Generator<Item> {
    for (const left of this.values(filter.left, input.value, scope)) {
      if (truthy(left) === or) yield this.made(or, input)
      else for (const right of this.values(filter.right, input.value, scope)) yield this.made(truthy(right), input)
    }
  }

  private *alternative(filter: { readonly left: Filter; readonly right: Filter }, input: Item, scope: Scope | undefined): Generator<Item> {
    let any = false
    const depth = this.depth
    try {
      for (const left of this.run(filter.left, input, scope)) {
        if (!truthy(left.value)) continue
        any = true
        yield left
      }
    } catch (error) {
      this.depth = depth
      if (!(error instanceof JqError)) throw error
    }
    if (!any) yield* this.run(filter.right, input, scope)
  }

  private *assign(filter: Filter & { type: 'assign' }, input: Item, scope: Scope | undefined): Generator<Item> {
    const root = this.plain(input)
    if (filter.operator === '|=') {
      yield this.made(this.update(filter.left, root, scope, (before) => this.first(filter.right, before, scope)), input)
      return
    }
    for (const value of this.values(filter.right, root, scope)) {
      if (filter.operator === '=') {
        let out = root
        for (const path of this.paths(filter.left, root, scope)) out = setPath(out, path, value)
        yield this.made(out, input)
        continue
      }
      const operator = filter.operator.slice(0, -1)
      yield this.made(this.update(filter.left, root, scope, (before) => ({ value: operator === '//' ? (truthy(before) ? before : value) : operate(operator, before, value) })), input)
    }
  }

  private first(filter: Filter, input: Json, scope: Scope | undefined): { value: Json } | undefined {
    for (const value of this.values(filter, input, scope)) return { value }
    return undefined
  }

  private update(target: Filter, root: Json, scope: Scope | undefined, change: (before: Json) => { value: Json } | undefined): Json {
    let out = root
    const removed: (readonly Json[])[] = []
    for (const path of [...this.paths(target, root, scope)]) {
      const after = change(getPath(out, path))
      if (after) out = setPath(out, path, after.value)
      else removed.push(path)
    }
    return removed.length > 0 ? deletePaths(out, removed) : out
  }

  private *object(entries: readonly { readonly key: Filter; readonly value: Filter }[], at: number, made: JsonObject, input: Item, scope: Scope | undefined): Generator<Item> {
    const entry = entries[at]
    if (!entry) {
      yield this.made(made, input)
      return
    }
    for (const key of this.values(entry.key, input.value, scope)) {
      if (typeof key !== 'string') fail(`Cannot use ${described(key)} as object key`)
      for (const value of this.values(entry.value, input.value, scope)) yield* this.object(entries, at + 1, { ...made, [key]: value }, input, scope)
    }
  }

  private variable(name: string, scope: Scope | undefined): Json {
    for (let at = scope; at; at = at.next) if (at.kind === 'variable' && at.name === name) return at.value
    if (name === 'ENV') return this.context.environment()
    return fail(`$${name} is not defined`)
  }

  private *call(filter: Filter & { type: 'call' }, input: Item, scope: Scope | undefined): Generator<Item> {
    const found = findFunction(scope, filter.name, filter.arguments.length) ?? findFunction(builtins(), filter.name, filter.arguments.length)
    if (found?.kind === 'closure') {
      yield* this.run(found.body, input, found.scope)
      return
    }
    if (found) {
      yield* this.enter(found, filter.arguments, 0, found, input, scope)
      return
    }
    yield* callNative(this, filter.name, filter.arguments, input, scope)
  }

  /** Binds parameters: closures by name, values by every output of theirs. */
  private *enter(target: Extract<Scope, { kind: 'function' }>, args: readonly Filter[], at: number, inner: Scope, input: Item, outer: Scope | undefined): Generator<Item> {
    const { parameters, body } = target.definition
    const parameter = parameters[at]
    if (parameter === undefined) {
      yield* this.run(body, input, inner)
      return
    }
    const argument = args[at] as Filter
    if (!parameter.startsWith('$')) {
      yield* this.enter(target, args, at + 1, { kind: 'closure', name: parameter, body: argument, scope: outer, next: inner }, input, outer)
      return
    }
    const name = parameter.slice(1)
    for (const value of this.values(argument, input.value, outer)) {
      const withValue: Scope = { kind: 'variable', name, value, next: { kind: 'closure', name, body: { type: 'literal', value }, scope: undefined, next: inner } }
      yield* this.enter(target, args, at + 1, withValue, input, outer)
    }
  }

  private *reduce(filter: Filter & { type: 'reduce' }, input: Item, scope: Scope | undefined): Generator<Item> {
    for (const start of this.values(filter.start, input.value, scope)) {
      let state: Json = start
      for (const value of this.values(filter.source, input.value, scope)) {
        for (const bound of this.bind(filter.pattern, value, input, scope)) {
          let last: Json = null
          for (const next of this.values(filter.update, state, bound)) last = next
          state = last
        }
      }
      yield this.made(state, input)
    }
  }

  private *foreach(filter: Filter & { type: 'foreach' }, input: Item, scope: Scope | undefined): Generator<Item> {
    for (const start of this.values(filter.start, input.value, scope)) {
      let state: Json = start
      for (const value of this.values(filter.source, input.value, scope)) {
        for (const bound of this.bind(filter.pattern, value, input, scope)) {
          for (const next of this.values(filter.update, state, bound)) {
            state = next
            if (filter.extract) for (const shown of this.values(filter.extract, state, bound)) yield this.made(shown, input)
            else yield this.made(state, input)
          }
        }
      }
    }
  }

  private *bindAll(filter: Filter & { type: 'as' }, input: Item, scope: Scope | undefined): Generator<Item> {
    for (const value of this.values(filter.source, input.value, scope)) {
      for (const [index, pattern] of filter.patterns.entries()) {
        const last = index === filter.patterns.length - 1
        try {
          const base = filter.patterns.length > 1 ? filter.patterns.reduce<Scope | undefined>((at, one) => namesOf(one).reduce<Scope | undefined>((inner, name) => ({ kind: 'variable', name, value: null, next: inner }), at), scope) : scope
          for (const bound of this.bind(pattern, value, input, base)) yield* this.run(filter.body, input, bound)
          break
        } catch (error) {
          if (last || !(error instanceof JqError)) throw error
        }
      }
    }
  }

  private *bind(pattern: Pattern, value: Json, input: Item, scope: Scope | undefined): Generator<Scope | undefined> {
    if (pattern.type === 'variable') {
      yield { kind: 'variable', name: pattern.name, value, next: scope }
      return
    }
    if (pattern.type === 'array') {
      yield* this.bindItems(pattern.items, 0, value, input, scope)
      return
    }
    yield* this.bindEntries(pattern.entries, 0, value, input, scope)
  }

  private *bindItems(items: readonly Pattern[], at: number, value: Json, input: Item, scope: Scope | undefined): Generator<Scope | undefined> {
    const item = items[at]
    if (!item) {
      yield scope
      return
    }
    if (value !== null && !Array.isArray(value)) fail(`Cannot index ${typeOf(value)} with number`)
    for (const bound of this.bind(item, indexValue(value, at), input, scope)) yield* this.bindItems(items, at + 1, value, input, bound)
  }

  private *bindEntries(entries: (Pattern & { type: 'object' })['entries'], at: number, value: Json, input: Item, scope: Scope | undefined): Generator<Scope | undefined> {
    const entry = entries[at]
    if (!entry) {
      yield scope
      return
    }
    for (const key of this.values(entry.key, input.value, scope)) {
      const found = indexValue(value, key)
      const own: Scope | undefined = entry.variable === undefined ? scope : { kind: 'variable', name: entry.variable, value: found, next: scope }
      if (!entry.pattern) yield* this.bindEntries(entries, at + 1, value, input, own)
      else for (const bound of this.bind(entry.pattern, found, input, own)) yield* this.bindEntries(entries, at + 1, value, input, bound)
    }
  }

  private *label(filter: Filter & { type: 'label' }, input: Item, scope: Scope | undefined): Generator<Item> {
    const id = {}
    const depth = this.depth
    try {
      yield* this.run(filter.body, input, { kind: 'label', name: filter.name, id, next: scope })
    } catch (error) {
      if (!(error instanceof BreakLabel) || error.id !== id) throw error
      this.depth = depth
    }
  }
}
