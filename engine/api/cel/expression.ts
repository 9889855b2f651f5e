/** Compiled CEL expressions. */
import { withinCost } from './budget'
import { celEnvironment } from './environment'
import { plainSource } from './rewrite'
import { fromCel, toCel } from './values'

export class CelError extends Error {
  override readonly name = 'CelError'
}

export interface CelExpression {
  readonly source: string
  /** Values are plain JSON (or results of others). Throws CelError with the evaluator's words: `no such key: x`. */
  run(bindings: Readonly<Record<string, unknown>>): unknown
}

const cache = new Map<string, CelExpression>()

/** Throws CelError on what does not compile. `variables` are the names that may be used. */
export function compileCel(source: string, variables: readonly string[]): CelExpression {
  const key = `${variables.join(',')}\n${source}`
  const known = cache.get(key)
  if (known) return known
  const environment = celEnvironment(variables)
  let program: ReturnType<typeof environment.parse>
  try {
    program = environment.parse(plainSource(source))
  } catch (error) {
    throw new CelError(firstLine(error))
  }
  const undeclared = program.check()
  if (!undeclared.valid) throw new CelError(firstLine(undeclared.error))
  const made: CelExpression = {
    source,
    run(bindings) {
      try {
        return withinCost(() => fromCel(program(Object.fromEntries(variables.map((name) => [name, toCel(bindings[name])])))))
      } catch (error) {
        throw new CelError(evaluationWords(firstLine(error)))
      }
    },
  }
  if (cache.size > 2000) cache.clear()
  cache.set(key, made)
  return made
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n')[0] ?? text
}

const conversion = (to: string): string => `type conversion error from 'string' to '${to}'`

/** The library's words as cel-go says the same. */
const sayings: readonly (readonly [pattern: RegExp, words: string])[] = [
  [/^No such key: index out of bounds, index (-?\d+).*$/i, 'index out of bounds: $1'],
  [/^No such key: (.*)$/i, 'no such key: $1'],
  [/^integer overflow.*$/, 'integer overflow'],
  [/^no such overload.*$/, 'no such overload'],
  [/^modulo by zero$/, 'modulus by zero'],
  [/^(\w+)\(\) type error: cannot convert to \w+$/, conversion('$1')],
  [/^bool\(\) conversion error: .*$/, conversion('bool')],
  [/^timestamp\(\) requires a string in ISO 8601 format$/, conversion('google.protobuf.Timestamp')],
  [/^invalid duration string: .*$/, conversion('google.protobuf.Duration')],
  [/^optional value is not present$/i, 'optional.none() dereference'],
]

function evaluationWords(text: string): string {
  for (const [pattern, words] of sayings) if (pattern.test(text)) return text.replace(pattern, words)
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text
}
