/** Macros over two variables (index or key, and value), and those that look into an optional. */
import type { Environment } from '@marcbachmann/cel-js'

interface Node {
  readonly op: string
  readonly args: unknown
}

interface Type {
  readonly kind: string
  readonly valueType?: Type
  readonly keyType?: Type
}

interface Context {
  forkWithVariable(name: string, type: Type): Context
  reuse(parent: Context): Context
  setIterValue(value: unknown, evaluator: Evaluator): Context
}

interface Checker {
  check(node: Node, context: Context): Type
  getType(name: string): Type
  createError(code: string, message: string, node: Node): Error
}

interface Evaluator {
  run(node: Node, context: Context): unknown
}

interface Call {
  readonly args: readonly Node[]
  readonly receiver: Node
}

interface OptionalLike {
  hasValue(): boolean
  value(): unknown
}

type Pair = readonly [unknown, unknown]

export function comprehensions(environment: Environment): void {
  const macro = (signature: string, handler: (call: Call) => unknown): void => void environment.registerFunction(signature, handler as never)
  macro('list.all(ast, ast, ast): bool', (call) => overPairs(call, 'bool', ([test]) => (bind, pairs) => quantified(pairs, (pair) => bind(test as Node, pair), false)))
  macro('list.exists(ast, ast, ast): bool', (call) => overPairs(call, 'bool', ([test]) => (bind, pairs) => quantified(pairs, (pair) => bind(test as Node, pair), true)))
  for (const name of ['existsOne', 'exists_one']) macro(`list.${name}(ast, ast, ast): bool`, (call) => overPairs(call, 'bool', ([test]) => (bind, pairs) => pairs.filter((pair) => bind(test as Node, pair) === true).length === 1))
  for (const filtered of [false, true]) {
    const signature = filtered ? '(ast, ast, ast, ast)' : '(ast, ast, ast)'
    const kept = (rest: readonly Node[], bind: Bind, pairs: readonly Pair[]): readonly Pair[] => (filtered ? pairs.filter((pair) => bind(rest[0] as Node, pair) === true) : pairs)
    macro(`list.transformList${signature}: list<dyn>`, (call) => overPairs(call, 'list', (rest) => (bind, pairs) => kept(rest, bind, pairs).map((pair) => bind(rest.at(-1) as Node, pair))))
    macro(`list.transformMap${signature}: map<dyn, dyn>`, (call) => overPairs(call, 'map', (rest) => (bind, pairs) => made(kept(rest, bind, pairs).map((pair) => [pair[0], bind(rest.at(-1) as Node, pair)] as const))))
    macro(`list.transformMapEntry${signature}: map<dyn, dyn>`, (call) => overPairs(call, 'map', (rest) => (bind, pairs) => made(kept(rest, bind, pairs).flatMap((pair) => pairsOf(bind(rest.at(-1) as Node, pair))))))
  }
  macro('optional.optMap(ast, ast): optional<dyn>', (call) => insideOptional(call, (value, some) => some(value)))
  macro('optional.optFlatMap(ast, ast): optional<dyn>', (call) => insideOptional(call, (value) => value))
}

type Bind = (node: Node, pair: Pair) => unknown

function overPairs({ args, receiver }: Call, result: 'bool' | 'list' | 'map', plan: (rest: readonly Node[]) => (bind: Bind, pairs: readonly Pair[]) => unknown): unknown {
  const [first, second, ...rest] = args as [Node, Node, ...Node[]]
  let outer: Context
  let inner: Context
  const run = plan(rest)
  return {
    typeCheck(checker: Checker, _macro: unknown, context: Context): Type {
      const dyn = checker.getType('dyn')
      const range = checker.check(receiver, context)
      outer = context.forkWithVariable(nameOf(checker, first), range.kind === 'list' ? checker.getType('int') : (range.keyType ?? dyn))
      inner = outer.forkWithVariable(nameOf(checker, second), range.valueType ?? dyn)
      for (const node of rest) checker.check(node, inner)
      return checker.getType(result)
    },
    evaluate(evaluator: Evaluator, _macro: unknown, context: Context): unknown {
      const bind: Bind = (node, [key, value]) => evaluator.run(node, inner.reuse(outer.reuse(context).setIterValue(key, evaluator)).setIterValue(value, evaluator))
      return run(bind, pairsOf(evaluator.run(receiver, context)))
    },
  }
}

function nameOf(checker: Checker, node: Node): string {
  if (node.op !== 'id') throw checker.createError('invalid_macro_argument', 'argument must be a simple name', node)
  return node.args as string
}

function pairsOf(value: unknown): Pair[] {
  if (Array.isArray(value)) return value.map((item, index) => [BigInt(index), item] as const)
  return value instanceof Map ? [...value] as Pair[] : Object.entries(value as object)
}

/** An element that fails does not matter where another decides. */
function quantified(pairs: readonly Pair[], test: (pair: Pair) => unknown, decisive: boolean): boolean {
  let failure: unknown
  for (const pair of pairs) {
    try {
      if (test(pair) === decisive) return decisive
    } catch (error) {
      failure = error
    }
  }
  if (failure !== undefined) throw failure as Error
  return !decisive
}

function made(pairs: readonly Pair[]): unknown {
  const keys = new Set<unknown>()
  for (const [key] of pairs) {
    if (keys.has(key)) throw new Error(`insert failed: key ${String(key)} already exists`)
    keys.add(key)
  }
  return pairs.every(([key]) => typeof key === 'string') ? Object.fromEntries(pairs as [string, unknown][]) : new Map(pairs)
}

function insideOptional({ args, receiver }: Call, result: (value: unknown, some: (value: unknown) => unknown) => unknown): unknown {
  const [variable, expression] = args as [Node, Node]
  let inner: Context
  return {
    typeCheck(checker: Checker, _macro: unknown, context: Context): Type {
      const type = checker.check(receiver, context)
      inner = context.forkWithVariable(nameOf(checker, variable), type.valueType ?? checker.getType('dyn'))
      checker.check(expression, inner)
      return checker.getType('optional')
    },
    evaluate(evaluator: Evaluator, _macro: unknown, context: Context): unknown {
      const optional = evaluator.run(receiver, context) as OptionalLike
      if (!optional.hasValue()) return optional
      const made = optional.constructor as unknown as { of(value: unknown): unknown }
      return result(evaluator.run(expression, inner.reuse(context).setIterValue(optional.value(), evaluator)), (value) => made.of(value))
    },
  }
}

