/** util-linux getopt: rewrites arguments for scripts. */
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { print } from '#engine/programs/common/gnu'

interface Specification {
  readonly name: string
  readonly short: string
  readonly long: readonly string[]
  readonly args: readonly string[]
}

export const getopt: Program = {
  name: 'getopt',
  async run(process) {
    const given = specification(process.argv.slice(1))
    return given ? new Rewriting(process, given).run() : 4
  },
}

/** Undefined for `--test`. */
function specification(given: readonly string[]): Specification | undefined {
  const args = [...given]
  const out = { name: 'getopt', short: '', long: [] as string[] }
  while (args.length > 0) {
    const arg = args.shift() as string
    if (arg === '--') break
    if (arg === '-T' || arg === '--test') return undefined
    if (!arg.startsWith('-')) {
      out.short = arg
      break
    }
    const attached = /^--\w+=(.*)$/s.exec(arg)?.[1] ?? /^-[a-z](.+)$/s.exec(arg)?.[1]
    const kind = /^(-o|--options)/.test(arg) ? 'short' : /^(-l|--long)/.test(arg) ? 'long' : /^(-n|--name)/.test(arg) ? 'name' : undefined
    if (!kind) continue
    const value = attached ?? args.shift() ?? ''
    if (kind === 'long') out.long.push(...value.split(','))
    else out[kind] = value
  }
  return { ...out, short: out.short.replace(/^[+-]/, ''), args }
}

class Rewriting {
  private readonly out: string[] = []
  private readonly operands: string[] = []
  private status = 0
  private at = 0

  constructor(
    private readonly process: Process,
    private readonly given: Specification,
  ) {}

  async run(): Promise<number> {
    const { args } = this.given
    while (this.at < args.length) {
      const arg = args[this.at++] as string
      if (arg === '--') this.operands.push(...args.slice(this.at, (this.at = args.length)))
      else if (arg.startsWith('--')) await this.long(arg)
      else if (/^-./.test(arg)) await this.short(arg)
      else this.operands.push(arg)
    }
    await print(this.process, ` ${[...this.out, '--', ...this.operands.map(quoted)].join(' ')}\n`)
    return this.status
  }

  private async bad(text: string): Promise<void> {
    this.status = 1
    await this.process.stderr.write(`${this.given.name}: ${text}\n`)
  }

  private async long(arg: string): Promise<void> {
    const [, given = '', , attached] = /^--([^=]*)(=(.*))?$/s.exec(arg) ?? []
    const { long } = this.given
    const spec = long.find((one) => one.replace(/:+$/, '') === given) ?? long.find((one) => one.startsWith(given))
    if (spec === undefined) return this.bad(`unrecognized option '--${given}'`)
    if (!spec.endsWith(':')) return void this.out.push(`--${spec}`)
    const value = attached ?? (spec.endsWith('::') ? '' : this.given.args[this.at++])
    if (value === undefined) return this.bad(`option '--${given}' requires an argument`)
    this.out.push(`--${spec.replace(/:+$/, '')}`, quoted(value))
  }

  private async short(arg: string): Promise<void> {
    for (let at = 1; at < arg.length; at++) {
      const letter = arg.charAt(at)
      const where = letter === ':' ? -1 : this.given.short.indexOf(letter)
      if (where < 0) await this.bad(`invalid option -- '${letter}'`)
      else if (this.given.short[where + 1] !== ':') this.out.push(`-${letter}`)
      else return this.valued(letter, arg.slice(at + 1), this.given.short[where + 2] === ':')
    }
  }

  private async valued(letter: string, attached: string, optional: boolean): Promise<void> {
    const value = attached !== '' || optional ? attached : this.given.args[this.at++]
    if (value === undefined) return this.bad(`option requires an argument -- '${letter}'`)
    this.out.push(`-${letter}`, quoted(value))
  }
}

function quoted(text: string): string {
  return `'${text.replace(/'/g, "'\\''")}'`
}
