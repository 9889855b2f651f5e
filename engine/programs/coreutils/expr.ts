/** expr. */
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { complain, print, quote, usageFailure } from '#engine/programs/common/gnu'
import { countGroups, PatternError, posixRegExp } from '#engine/shell/patterns/posix'

class ExprError extends Error {
  constructor(
    message: string,
    readonly status = 2,
  ) {
    super(message)
  }
}

export const expr: Program = {
  name: 'expr',
  async run(process) {
    let args = process.argv.slice(1)
    if (args[0] === '--version') return print(process, 'expr (GNU coreutils) 9.1\n').then(() => 0)
    if (args[0] === '--') args = args.slice(1)
    if (args.length === 0) return usageFailure(process, 'missing operand', 2)
    try {
      const value = new Parser(process, args).run()
      await print(process, `${value}\n`)
      return value === '' || /^-?0+$/.test(value) ? 1 : 0
    } catch (error) {
      if (error instanceof PatternError) await complain(process, error.message)
      else if (error instanceof ExprError) await complain(process, error.message)
      else throw error
      return 2
    }
  },
}

class Parser {
  private at = 0

  constructor(
    private readonly process: Process,
    private readonly args: readonly string[],
  ) {}

  run(): string {
    const value = this.or()
    if (this.at < this.args.length) throw new ExprError(`syntax error: unexpected argument ${quote(this.process, this.args[this.at] as string)}`)
    return value
  }

  private take(...texts: string[]): string | undefined {
    const next = this.args[this.at]
    if (next === undefined || !texts.includes(next)) return undefined
    this.at++
    return next
  }

  private or(): string {
    let left = this.and()
    while (this.take('|')) {
      const right = this.and()
      left = isNull(left) ? (isNull(right) ? '0' : right) : left
    }
    return left
  }

  private and(): string {
    let left = this.compare()
    while (this.take('&')) {
      const right = this.compare()
      left = isNull(left) || isNull(right) ? '0' : left
    }
    return left
  }

  private compare(): string {
    let left = this.sum()
    for (let operator = this.take('<', '<=', '=', '==', '!=', '>=', '>'); operator !== undefined; operator = this.take('<', '<=', '=', '==', '!=', '>=', '>')) {
      const right = this.sum()
      const order = isInteger(left) && isInteger(right) ? (BigInt(left) < BigInt(right) ? -1 : BigInt(left) > BigInt(right) ? 1 : 0) : left < right ? -1 : left > right ? 1 : 0
      left = truth(operator === '<' ? order < 0 : operator === '<=' ? order <= 0 : operator === '!=' ? order !== 0 : operator === '>=' ? order >= 0 : operator === '>' ? order > 0 : order === 0)
    }
    return left
  }

  private sum(): string {
    let left = this.product()
    for (let operator = this.take('+', '-'); operator !== undefined; operator = this.take('+', '-')) {
      const right = this.product()
      const [a, b] = [integer(left), integer(right)]
      left = (operator === '+' ? a + b : a - b).toString()
    }
    return left
  }

  private product(): string {
    let left = this.match()
    for (let operator = this.take('*', '/', '%'); operator !== undefined; operator = this.take('*', '/', '%')) {
      const right = this.match()
      const [a, b] = [integer(left), integer(right)]
      if (operator !== '*' && b === 0n) throw new ExprError('division by zero')
      left = (operator === '*' ? a * b : operator === '/' ? a / b : a % b).toString()
    }
    return left
  }

  private match(): string {
    let left = this.primary()
    while (this.take(':')) left = matchPattern(left, this.primary())
    return left
  }

  private primary(): string {
    const token = this.args[this.at++]
    if (token === undefined) throw new ExprError(`syntax error: missing argument after ${quote(this.process, this.args[this.args.length - 1] ?? '')}`)
    if (token === '(') {
      const value = this.or()
      if (this.args[this.at] === undefined) throw new ExprError(`syntax error: expecting ')' after ${quote(this.process, this.args[this.at - 1] ?? '')}`)
      if (!this.take(')')) throw new ExprError(`syntax error: expecting ')' instead of ${quote(this.process, this.args[this.at] as string)}`)
      return value
    }
    if (token === ')') throw new ExprError("syntax error: unexpected ')'")
    if (token === '+' && this.args[this.at] !== undefined) return this.args[this.at++] as string
    if (token === 'length') return String([...this.primary()].length)
    if (token === 'match') return matchPattern(this.primary(), this.primary())
    if (token === 'index') {
      const [text, set] = [this.primary(), this.primary()]
      return String([...text].findIndex((c) => set.includes(c)) + 1)
    }
    if (token === 'substr') {
      const [text, from, length] = [this.primary(), this.primary(), this.primary()]
      if (!isInteger(from) || !isInteger(length) || Number(from) < 1 || Number(length) < 1) return ''
      return [...text].slice(Number(from) - 1, Number(from) - 1 + Number(length)).join('')
    }
    return token
  }
}

function matchPattern(text: string, pattern: string): string {
  const match = posixRegExp(`^${pattern.replace(/^\^/, '')}`, { extended: false }).exec(text)
  if (countGroups(pattern, false) > 0) return match?.[1] ?? ''
  return String(match ? [...match[0]].length : 0)
}

function isNull(text: string): boolean {
  return text === '' || /^-?0+$/.test(text)
}

function isInteger(text: string): boolean {
  return /^-?\d+$/.test(text)
}

function integer(text: string): bigint {
  if (!isInteger(text)) throw new ExprError('non-integer argument')
  return BigInt(text)
}

function truth(value: boolean): string {
  return value ? '1' : '0'
}
