/** The command line's own flags: `--name value`, `--name=value`, switches; anything else is an operand. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export interface Arguments {
  readonly operands: readonly string[]
  value(name: string): string | undefined
  has(name: string): boolean
  /** A number between the bounds, both included, and a whole one where the lower bound is; UsageError for anything else. */
  number(name: string, otherwise: number, least: number, most: number): number
}

/** `most` operands are taken; UsageError for one more, and for a flag that is not known. */
export function parseArguments(args: readonly string[], valued: readonly string[], switches: readonly string[] = [], most = Infinity): Arguments {
  const operands: string[] = []
  const values = new Map<string, string>()
  const given = new Set<string>()
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as string
    const match = /^--([^=]+)(?:=(.*))?$/s.exec(arg)
    if (!match?.[1]) {
      if (/^-./.test(arg)) throw new UsageError(unknownFlag(arg, valued, switches))
      if (operands.push(arg) > most) throw new UsageError(`"${arg}" is one argument too many`)
      continue
    }
    const [, name, inline] = match
    if (switches.includes(name) && inline !== undefined) throw new UsageError(`--${name} takes no value`)
    if (switches.includes(name)) given.add(name)
    else if (valued.includes(name)) {
      const value = inline ?? args[++index]
      if (value === undefined) throw new UsageError(`--${name} needs a value`)
      values.set(name, value)
    } else throw new UsageError(unknownFlag(`--${name}`, valued, switches))
  }
  const number = (name: string, otherwise: number, least: number, most: number): number => numberIn(name, values.get(name), otherwise, least, most)
  return { operands, value: (name) => values.get(name), has: (name) => given.has(name), number }
}

function numberIn(name: string, text: string | undefined, otherwise: number, least: number, most: number): number {
  if (text === undefined) return otherwise
  const value = Number(text)
  const whole = Number.isInteger(least)
  if (text.trim() === '' || !(value >= least && value <= most) || (whole && !Number.isInteger(value))) throw new UsageError(`--${name} is "${text}", but must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}`)
  return value
}

function unknownFlag(flag: string, valued: readonly string[], switches: readonly string[]): string {
  const known = [...valued, ...switches].map((name) => `--${name}`).join(', ')
  return `unknown flag ${flag}${known ? `; known are ${known}` : ': there are none here'}`
}
