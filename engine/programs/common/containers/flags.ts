/** Flags in pflag's manner: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-abc`. */
export class FlagError extends Error {
  override readonly name = 'FlagError'
}

export class Flags {
  constructor(
    private readonly values: ReadonlyMap<string, readonly string[]>,
    readonly operands: readonly string[],
  ) {}

  has(name: string): boolean {
    const value = this.values.get(name)?.at(-1)
    return value !== undefined && value !== 'false'
  }

  given(name: string): boolean {
    return this.values.has(name)
  }

  value(name: string): string | undefined {
    return this.values.get(name)?.at(-1)
  }

  all(name: string): readonly string[] {
    return this.values.get(name) ?? []
  }
}

/**
 * `specification` lists flags by blanks: `all,a` is a switch, `name,n=` takes a value. With `stop` what comes after so many
 * operands is not looked at.
 */
export function parseArguments(args: readonly string[], specification: string, stop = Number.POSITIVE_INFINITY): Flags {
  const known = flagTable(specification)
  const values = new Map<string, string[]>()
  const operands: string[] = []
  const put = (name: string, value: string): void => void values.set(name, [...(values.get(name) ?? []), value])
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as string
    if (arg === '--') return new Flags(values, [...operands, ...args.slice(index + 1)])
    if (!arg.startsWith('-') || arg === '-') {
      operands.push(arg)
      if (operands.length >= stop) return new Flags(values, [...operands, ...args.slice(index + 1)])
    } else if (arg.startsWith('--')) index += longFlag(arg, args[index + 1], known, put)
    else index += shortFlags(arg, args[index + 1], known, put)
  }
  return new Flags(values, operands)
}

interface Known { readonly name: string; readonly valued: boolean }

function flagTable(specification: string): Map<string, Known> {
  const out = new Map<string, Known>()
  for (const item of specification.split(/\s+/).filter((part) => part !== '')) {
    const valued = item.endsWith('=')
    const [name = '', ...others] = item.replace(/=$/, '').split(',')
    for (const each of [name, ...others]) out.set(each, { name, valued })
  }
  return out
}

/** How many more arguments were used. */
function longFlag(arg: string, next: string | undefined, known: ReadonlyMap<string, Known>, put: (name: string, value: string) => void): number {
  const at = arg.indexOf('=')
  const name = arg.slice(2, at < 0 ? undefined : at)
  const flag = known.get(name)
  if (!flag || name.length < 2) throw new FlagError(`unknown flag: --${name}`)
  if (at >= 0) put(flag.name, arg.slice(at + 1))
  else if (!flag.valued) put(flag.name, 'true')
  else if (next === undefined) throw new FlagError(`flag needs an argument: --${name}`)
  else {
    put(flag.name, next)
    return 1
  }
  return 0
}

function shortFlags(arg: string, next: string | undefined, known: ReadonlyMap<string, Known>, put: (name: string, value: string) => void): number {
  for (let at = 1; at < arg.length; at++) {
    const letter = arg.charAt(at)
    const flag = known.get(letter)
    if (!flag) throw new FlagError(`unknown shorthand flag: '${letter}' in ${arg}`)
    if (!flag.valued) {
      put(flag.name, 'true')
      continue
    }
    const rest = arg.slice(at + 1).replace(/^=/, '')
    if (rest !== '') put(flag.name, rest)
    else if (next === undefined) throw new FlagError(`flag needs an argument: '${letter}' in ${arg}`)
    else {
      put(flag.name, next)
      return 1
    }
    return 0
  }
  return 0
}
