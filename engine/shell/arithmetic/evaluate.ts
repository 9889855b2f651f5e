/** Evaluates arithmetic text as bash does: 64-bit integers, names are expressions in turn, only what is needed is evaluated. */
import { ArithmeticError, type ArithmeticToken, nextToken } from '#engine/shell/arithmetic/tokens'

export { ArithmeticError } from '#engine/shell/arithmetic/tokens'

export interface ArithmeticVariables {
  /** Undefined where unset. `index` is the raw text between brackets. */
  get(name: string, index: string | undefined): string | undefined
  set(name: string, index: string | undefined, value: string): void
}

/** bash counts to 1,024; here each step costs more of the stack. */
const maxDepth = 256

/** Throws ArithmeticFailure with the whole message. */
export function evaluate(text: string, variables: ArithmeticVariables, depth = 0): bigint {
  const trimmed = text.replace(/^\s+/, '')
  if (depth > maxDepth) throw new ArithmeticFailure(`${trimmed}: expression recursion level exceeded (error token is "${trimmed}")`)
  if (trimmed === '') return 0n
  try {
    return new Evaluator(trimmed, variables, depth).run()
  } catch (error) {
    if (error instanceof ArithmeticError) throw new ArithmeticFailure(`${error.upTo === undefined ? trimmed : trimmed.slice(0, error.upTo)}: ${error.problem} (error token is "${error.token}")`)
    throw error
  }
}

export class ArithmeticFailure extends Error {}

interface Place {
  readonly name: string
  readonly index: string | undefined
}

const levels: readonly (readonly string[])[] = [['||'], ['&&'], ['|'], ['^'], ['&'], ['==', '!='], ['<', '>', '<=', '>='], ['<<', '>>'], ['+', '-'], ['*', '/', '%'], ['**']]
const assignments = new Set(['=', '+=', '-=', '*=', '/=', '%=', '<<=', '>>=', '&=', '^=', '|='])

const truth = (value: boolean): bigint => (value ? 1n : 0n)

const operations: Readonly<Record<string, (left: bigint, right: bigint) => bigint>> = {
  '|': (left, right) => left | right,
  '^': (left, right) => left ^ right,
  '&': (left, right) => left & right,
  '==': (left, right) => truth(left === right),
  '!=': (left, right) => truth(left !== right),
  '<': (left, right) => truth(left < right),
  '>': (left, right) => truth(left > right),
  '<=': (left, right) => truth(left <= right),
  '>=': (left, right) => truth(left >= right),
  '<<': (left, right) => left << (right & 63n),
  '>>': (left, right) => left >> (right & 63n),
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
}

class Evaluator {
  private at = 0
  private token: ArithmeticToken = { kind: 'end', text: '', at: 0 }
  private last = 0
  private before: ArithmeticToken | undefined
  /** Above zero: parse without effect, as the right side of `0 && ...`. */
  private idle = 0

  constructor(
    private readonly text: string,
    private readonly variables: ArithmeticVariables,
    private readonly depth: number,
  ) {}

  run(): bigint {
    this.advance()
    const value = this.comma()
    if (this.token.kind !== 'end') this.fail(this.token.kind === 'operator' && assignments.has(this.token.text) ? 'attempted assignment to non-variable' : 'syntax error in expression')
    return value
  }

  private advance(): void {
    this.before = this.token.kind === 'end' ? undefined : this.token
    const { token, end } = nextToken(this.text, this.at, this.before)
    if (token.kind !== 'end') this.last = token.at
    this.token = token
    this.at = end
  }

  private fail(problem: string): never {
    throw new ArithmeticError(problem, this.text.slice(this.last))
  }

  private is(...texts: string[]): boolean {
    return this.token.kind === 'operator' && texts.includes(this.token.text)
  }

  private comma(): bigint {
    let value = this.assignment()
    while (this.is(',')) {
      this.advance()
      value = this.assignment()
    }
    return value
  }

  private assignment(): bigint {
    if (this.token.kind === 'name') {
      const place: Place = { name: this.token.text, index: this.token.index }
      const { token: next, end } = this.peekAfterName()
      if (next.kind === 'operator' && assignments.has(next.text)) return this.assign(place, next, end)
    }
    return this.conditional()
  }

  private peekAfterName(): { token: ArithmeticToken; end: number } {
    try {
      return nextToken(this.text, this.at, this.token)
    } catch {
      return { token: { kind: 'end', text: '', at: this.at }, end: this.at }
    }
  }

  private assign(place: Place, operator: ArithmeticToken, end: number): bigint {
    this.at = end
    this.last = operator.at
    this.token = operator
    this.advance()
    const right = this.assignment()
    if (operator.text === '=') return this.store(place, right)
    return this.store(place, this.binary(operator.text.slice(0, -1), this.load(place), right))
  }

  private conditional(): bigint {
    const test = this.level(0)
    if (!this.is('?')) return test
    this.advance()
    this.needOperand()
    const yes = this.quietly(test === 0n, () => this.comma())
    if (!this.is(':')) this.fail("`:' expected for conditional expression")
    this.advance()
    this.needOperand()
    const no = this.quietly(test !== 0n, () => this.conditional())
    return test !== 0n ? yes : no
  }

  private needOperand(): void {
    if (this.token.kind === 'end' || this.is(':')) this.fail('expression expected')
  }

  private quietly(quiet: boolean, run: () => bigint): bigint {
    if (!quiet) return run()
    this.idle++
    try {
      return run()
    } finally {
      this.idle--
    }
  }

  private level(index: number): bigint {
    const operators = levels[index]
    if (!operators) return this.unary()
    if (index === 10) return this.power()
    let left = this.level(index + 1)
    while (this.token.kind === 'operator' && operators.includes(this.token.text)) {
      const operator = this.token.text
      this.advance()
      if (operator === '&&' || operator === '||') {
        const decided = operator === '&&' ? left === 0n : left !== 0n
        const right = this.quietly(decided, () => this.level(index + 1))
        left = decided ? (operator === '&&' ? 0n : 1n) : right !== 0n ? 1n : 0n
      } else left = this.binary(operator, left, this.level(index + 1))
    }
    return left
  }

  private power(): bigint {
    const base = this.unary()
    if (!this.is('**')) return base
    this.advance()
    const exponent = this.power()
    return this.binary('**', base, exponent)
  }

  private unary(): bigint {
    if (this.is('!', '~', '-', '+')) {
      const operator = this.token.text
      this.advance()
      const value = this.unary()
      return BigInt.asIntN(64, operator === '!' ? (value === 0n ? 1n : 0n) : operator === '~' ? ~value : operator === '-' ? -value : value)
    }
    if (this.is('++', '--')) {
      const step = this.token.text === '++' ? 1n : -1n
      this.advance()
      const place = { name: this.token.text, index: this.token.index }
      this.advance()
      return this.store(place, this.load(place) + step)
    }
    return this.primary()
  }

  private primary(): bigint {
    const { token } = this
    if (token.kind === 'number') {
      this.advance()
      return token.value as bigint
    }
    if (token.kind === 'name') return this.name(token)
    if (!this.is('(')) this.fail('syntax error: operand expected')
    this.advance()
    const value = this.comma()
    if (!this.is(')')) this.fail("missing `)'")
    this.advance()
    return value
  }

  private name(token: ArithmeticToken): bigint {
    const place = { name: token.text, index: token.index }
    this.advance()
    if (!this.is('++', '--')) return this.load(place)
    const step = this.token.text === '++' ? 1n : -1n
    const value = this.load(place)
    this.store(place, value + step)
    this.advance()
    return value
  }

  private load(place: Place): bigint {
    if (this.idle > 0) return 0n
    const text = this.variables.get(place.name, place.index)
    if (text === undefined || text === '') return 0n
    if (/^-?[1-9]\d{0,17}$/.test(text)) return BigInt(text)
    return evaluate(text, this.variables, this.depth + 1)
  }

  private store(place: Place, value: bigint): bigint {
    const wrapped = BigInt.asIntN(64, value)
    if (this.idle === 0) this.variables.set(place.name, place.index, wrapped.toString())
    return wrapped
  }

  private binary(operator: string, left: bigint, right: bigint): bigint {
    if ((operator === '/' || operator === '%') && right === 0n) {
      if (this.idle > 0) return 0n
      this.fail('division by 0')
    }
    return BigInt.asIntN(64, this.compute(operator, left, right))
  }

  private compute(operator: string, left: bigint, right: bigint): bigint {
    const operation = Object.hasOwn(operations, operator) ? operations[operator] : undefined
    return operation ? operation(left, right) : this.raise(left, right)
  }

  private raise(base: bigint, exponent: bigint): bigint {
    if (exponent < 0n) this.fail('exponent less than 0')
    let result = 1n
    let square = base
    for (let rest = exponent; rest > 0n; rest >>= 1n) {
      if (rest & 1n) result = BigInt.asIntN(64, result * square)
      square = BigInt.asIntN(64, square * square)
    }
    return result
  }
}
