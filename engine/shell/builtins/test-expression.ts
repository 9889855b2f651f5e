/** The grammar of test and `[`, by number of arguments first, as POSIX and bash have it. */
export interface TestHost {
  unary(operator: string, operand: string): boolean
  /** Undefined where the operator is none. */
  binary(operator: string, left: string, right: string): boolean
  isUnary(operator: string): boolean
  isBinary(operator: string): boolean
  /** Complaints in the program's own words. */
  error(kind: 'unary-expected' | 'binary-expected' | 'too-many' | 'argument-expected' | 'paren-expected' | 'missing-argument', token: string): Error
}

export function evaluateTest(host: TestHost, args: readonly string[]): boolean {
  const [a, b, c, d] = args
  switch (args.length) {
    case 0: return false
    case 1: return a !== ''
    case 2: return two(host, a as string, b as string)
    case 3: return three(host, a as string, b as string, c as string)
    case 4:
      if (a === '!') return !three(host, b as string, c as string, d as string)
      if (a === '(' && d === ')') return two(host, b as string, c as string)
      return new TestParser(host, args).parse()
    default: return new TestParser(host, args).parse()
  }
}

function two(host: TestHost, a: string, b: string): boolean {
  if (a === '!') return b === ''
  if (host.isUnary(a)) return host.unary(a, b)
  throw host.error('unary-expected', a)
}

function three(host: TestHost, a: string, b: string, c: string): boolean {
  if (host.isBinary(b)) return host.binary(b, a, c)
  if (b === '-a') return a !== '' && c !== ''
  if (b === '-o') return a !== '' || c !== ''
  if (a === '!') return !two(host, b, c)
  if (a === '(' && c === ')') return b !== ''
  throw host.error('binary-expected', b)
}

class TestParser {
  private at = 0

  constructor(
    private readonly host: TestHost,
    private readonly args: readonly string[],
  ) {}

  parse(): boolean {
    const value = this.or()
    if (this.at < this.args.length) throw this.host.error('too-many', this.args[this.at] as string)
    return value
  }

  private or(): boolean {
    let value = this.and()
    while (this.args[this.at] === '-o') {
      this.at++
      const right = this.and()
      value = value || right
    }
    return value
  }

  private and(): boolean {
    let value = this.term()
    while (this.args[this.at] === '-a') {
      this.at++
      const right = this.term()
      value = value && right
    }
    return value
  }

  private term(): boolean {
    const token = this.args[this.at]
    if (token === undefined) throw this.host.error('argument-expected', '')
    const next = this.args[this.at + 1]
    if (next !== undefined && this.host.isBinary(next) && this.at + 2 < this.args.length) {
      this.at += 3
      return this.host.binary(next, token, this.args[this.at - 1] as string)
    }
    if (token === '!') {
      this.at++
      return !this.term()
    }
    if (token === '(') {
      this.at++
      const value = this.or()
      if (this.args[this.at] !== ')') throw this.host.error('paren-expected', this.args[this.at] ?? '')
      this.at++
      return value
    }
    if (this.host.isUnary(token) && next !== undefined) {
      this.at += 2
      return this.host.unary(token, next)
    }
    this.at++
    return token !== ''
  }
}
