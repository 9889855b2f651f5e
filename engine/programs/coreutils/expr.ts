/** expr. */
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { complain, print, programName, quote, usageFailure } from '#engine/programs/common/gnu'
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
    if (args.length === 1 && args[0] === '--help') return print(process, `Usage: ${programName(process)} EXPRESSION\n  or:  ${programName(process)} OPTION\n`).then(() => 0)
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
    for (let operator = this.take(...Object.keys(comparisons)); operator !== undefined; operator = this.take(...Object.keys(comparisons))) {
      const order = orderOf(left, this.sum())
      left = comparisons[operator]?.(order) ? '1' : '0'
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
    if (token === '(') return this.group()
    if (token === ')') throw new ExprError("syntax error: unexpected ')'")
    if (token === '+' && this.args[this.at] !== undefined) return this.args[this.at++] as string
    const keyword = keywords[token]
    if (!keyword) return token
    return keyword.run(Array.from({ length: keyword.takes }, () => this.primary()))
  }

  private group(): string {
    const value = this.or()
    const next = this.args[this.at]
    if (next === undefined) throw new ExprError(`syntax error: expecting ')' after ${quote(this.process, this.args[this.at - 1] ?? '')}`)
    if (!this.take(')')) throw new ExprError(`syntax error: expecting ')' instead of ${quote(this.process, next)}`)
    return value
  }
}

const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  '<': (order) => order < 0, '<=': (order) => order <= 0, '=': (order) => order === 0, '==': (order) => order === 0, '!=': (order) => order !== 0, '>=': (order) => order >= 0, '>': (order) => order > 0,
}

function orderOf(a: string, b: string): number {
  if (!isInteger(a) || !isInteger(b)) return a < b ? -1 : Number(a > b)
  const difference = BigInt(a) - BigInt(b)
  return difference < 0n ? -1 : Number(difference > 0n)
}

const keywords: Readonly<Record<string, { readonly takes: number; run(values: readonly string[]): string }>> = {
  length: { takes: 1, run: ([text = '']) => String([...text].length) },
  match: { takes: 2, run: ([text = '', pattern = '']) => matchPattern(text, pattern) },
  index: { takes: 2, run: ([text = '', set = '']) => String([...text].findIndex((c) => set.includes(c)) + 1) },
  substr: { takes: 3, run: ([text = '', from = '', length = '']) => substring(text, from, length) },
}

function substring(text: string, from: string, length: string): string {
  if (!isInteger(from) || !isInteger(length) || Number(from) < 1 || Number(length) < 1) return ''
  return [...text].slice(Number(from) - 1, Number(from) - 1 + Number(length)).join('')
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
