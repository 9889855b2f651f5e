/** echo, printf, test, `[`, basename, dirname, pwd, expr. */
import { decodeEcho } from '#engine/shell/syntax/ansi'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { complain, print, programName, quote, quoteName, usageFailure } from '#engine/programs/common/gnu'
import { FormatError, formatPrintf } from '#engine/shell/builtins/printf-format'
import { compareFiles, fileTest, isFileTest } from '#engine/shell/builtins/test-files'
import { evaluateTest, type TestHost } from '#engine/shell/builtins/test-expression'
import { compareNumbers } from '#engine/shell/arithmetic/compare'
import { needsAnsi } from '#engine/shell/expand/quote'

const echo: Program = {
  name: 'echo',
  async run(process) {
    const args = process.argv.slice(1)
    if (args.length === 1 && args[0] === '--version') return print(process, 'echo (GNU coreutils) 9.1\n').then(() => 0)
    if (args.length === 1 && args[0] === '--help') return print(process, `Usage: ${programName(process)} [SHORT-OPTION]... [STRING]...\n  or:  ${programName(process)} LONG-OPTION\n`).then(() => 0)
    const options = echoOptions(args)
    const decoded = options.escapes ? decodeEcho(options.words.join(' '), false) : { text: options.words.join(' '), stop: false }
    await print(process, decoded.text + (options.newline && !decoded.stop ? '\n' : ''))
    return 0
  },
}

/** Clusters of n, e and E at the front; anything else is text. */
function echoOptions(args: readonly string[]): { newline: boolean; escapes: boolean; words: readonly string[] } {
  const end = args.findIndex((arg) => !/^-[neE]+$/.test(arg))
  const count = end < 0 ? args.length : end
  const letters = args.slice(0, count).map((arg) => arg.slice(1)).join('')
  return { newline: !letters.includes('n'), escapes: /e[^E]*$/.test(letters), words: args.slice(count) }
}

function shellEscape(text: string): string {
  if (text === '') return "''"
  if (needsAnsi(text)) return quoteName(text)
  return /^[\w%+,./:=@^-]+$/.test(text) && !/^[=^]/.test(text) ? text : quoteName(text)
}

const printf: Program = {
  name: 'printf',
  async run(process) {
    const args = process.argv.slice(1)
    if (args[0] === '--version') return print(process, 'printf (GNU coreutils) 9.1\n').then(() => 0)
    if (args[0] === '--') args.shift()
    const format = args.shift()
    if (format === undefined) return usageFailure(process, 'missing operand')
    const { text, problems } = formatted(process, format, args)
    for (const problem of problems) await complain(process, problem)
    await print(process, text)
    if (problems.length > 0) return 1
    if (args.length > 0 && !/%[^%]/.test(format)) await complain(process, `warning: ignoring excess arguments, starting with ${quote(process, args[0] as string)}`)
    return 0
  },
}

const problemWords: Readonly<Record<string, string>> = { 'out-of-range': 'Numerical result out of range', trailing: 'value not completely converted' }

function formatted(process: Process, format: string, args: readonly string[]): { text: string; problems: string[] } {
  const problems: string[] = []
  const host = {
    complain: (kind: string, bad: string): void => void problems.push(`${quote(process, bad)}: ${problemWords[kind] ?? 'expected a numeric value'}`),
    quote: shellEscape, now: () => process.clock.now(), startedMs: () => process.clock.now(), timeZoneOffsetMinutes: () => 0,
  }
  try {
    return { text: formatPrintf(host, format, args).text, problems }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    return { text: error.output, problems: [...problems, `${error.specification}: invalid conversion specification`] }
  }
}

class TestFailure extends Error {}

function testProgram(name: 'test' | '['): Program {
  return {
    name,
    async run(process) {
      let args: readonly string[] = process.argv.slice(1)
      if (name === '[') {
        if (args.length === 1 && args[0] === '--version') return print(process, '[ (GNU coreutils) 9.1\n').then(() => 0)
        if (args[args.length - 1] !== ']') {
          await complain(process, `missing ${quote(process, ']')}`)
          return 2
        }
        args = args.slice(0, -1)
      }
      try {
        return evaluateTest(new Host(process), args) ? 0 : 1
      } catch (error) {
        if (!(error instanceof TestFailure)) throw error
        await complain(process, error.message)
        return 2
      }
    },
  }
}

class Host implements TestHost {
  constructor(private readonly process: Process) {}

  isUnary(operator: string): boolean {
    return isFileTest(operator) || operator === '-z' || operator === '-n'
  }

  isBinary(operator: string): boolean {
    return /^(=|==|!=|-(eq|ne|lt|le|gt|ge|nt|ot|ef))$/.test(operator)
  }

  unary(operator: string, operand: string): boolean {
    return operator === '-z' ? operand === '' : operator === '-n' ? operand !== '' : fileTest(this.process, operator, operand)
  }

  binary(operator: string, left: string, right: string): boolean {
    if (operator === '=' || operator === '==') return left === right
    if (operator === '!=') return left !== right
    if (/^-(nt|ot|ef)$/.test(operator)) return compareFiles(this.process, operator, left, right)
    return compareNumbers(operator, this.integer(left), this.integer(right))
  }

  private integer(text: string): bigint {
    if (!/^\s*[+-]?\d+\s*$/.test(text)) throw new TestFailure(`invalid integer ${quote(this.process, text)}`)
    return BigInt(text.trim().replace(/^\+/, ''))
  }

  error(kind: Parameters<TestHost['error']>[0], token: string): Error {
    const quoted = quote(this.process, token)
    switch (kind) {
      case 'unary-expected': return new TestFailure(`${quoted}: unary operator expected`)
      case 'binary-expected': return new TestFailure(`${quoted}: binary operator expected`)
      case 'too-many': return new TestFailure(`extra argument ${quoted}`)
      case 'paren-expected': return new TestFailure(token === '' ? `${quote(this.process, ')')} expected` : `${quote(this.process, ')')} expected, found ${token}`)
      default: return new TestFailure(`missing argument after ${quote(this.process, '-a')}`)
    }
  }
}

const basename = defineProgram({
  name: 'basename',
  usage: 'NAME [SUFFIX]',
  flags: { multiple: flag('-a', '--multiple'), suffix: option('-s', '--suffix'), zero: flag('-z', '--zero') },
  stopAtOperand: true,
  async run(process, o) {
    const [path, last, extra] = o.operands
    const many = o.multiple || o.suffix !== undefined
    if (path === undefined) return usageFailure(process, 'missing operand')
    if (!many && extra !== undefined) return usageFailure(process, `extra operand ${quote(process, extra)}`)
    const suffix = o.suffix ?? (many ? '' : (last ?? ''))
    for (const one of many ? o.operands : [path]) await print(process, withoutSuffix(lastName(one), suffix) + (o.zero ? '\0' : '\n'))
    return 0
  },
})

function lastName(path: string): string {
  return path === '' ? '' : path.replace(/\/+$/, '').split('/').pop() || '/'
}

function withoutSuffix(name: string, suffix: string): string {
  return suffix !== '' && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name
}

const dirname = defineProgram({
  name: 'dirname',
  usage: '[OPTION] NAME...',
  flags: { zero: flag('-z', '--zero') },
  async run(process, o) {
    if (o.operands.length === 0) return usageFailure(process, 'missing operand')
    for (const path of o.operands) {
      const trimmed = path.replace(/\/+$/, '')
      const at = trimmed.lastIndexOf('/')
      await print(process, (trimmed === '' && path !== '' ? '/' : at < 0 ? '.' : trimmed.slice(0, at).replace(/\/+$/, '') || '/') + (o.zero ? '\0' : '\n'))
    }
    return 0
  },
})

const pwd = defineProgram({
  name: 'pwd',
  usage: '[OPTION]...',
  flags: { logical: flag('-L', '--logical'), physical: flag('-P', '--physical') },
  async run(process, o) {
    if (o.operands.length > 0) await complain(process, 'ignoring non-option arguments')
    const logical = process.env.get('PWD')
    const physical = process.cwd()
    await print(process, `${o.logical && logical?.startsWith('/') && process.files.exists(logical)?.ino === process.files.stat('.').ino ? logical : physical}\n`)
    return 0
  },
})

export const smallPrograms: readonly Program[] = [echo, printf, testProgram('test'), testProgram('['), basename, dirname, pwd]
