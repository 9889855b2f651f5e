/** The command line's own flags: `--name value`, `--name=value`, switches; anything else is an operand. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export interface Arguments {
  readonly operands: readonly string[]
  value(name: string): string | undefined
  has(name: string): boolean
  /** A number between the bounds, both included; UsageError for anything else. */
  number(name: string, otherwise: number, least: number, most: number): number
}

export function parseArguments(args: readonly string[], valued: readonly string[], switches: readonly string[] = []): Arguments {
  const operands: string[] = []
  const values = new Map<string, string>()
  const given = new Set<string>()
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as string
    const match = /^--([^=]+)(?:=(.*))?$/s.exec(arg)
    if (!match?.[1]) {
      operands.push(arg)
      continue
    }
    const [, name, inline] = match
    if (switches.includes(name)) given.add(name)
    else if (valued.includes(name)) {
      const value = inline ?? args[++index]
      if (value === undefined) throw new UsageError(`--${name} needs a value`)
      values.set(name, value)
    } else throw new UsageError(`unknown flag --${name}; known are ${[...valued, ...switches].map((flag) => `--${flag}`).join(', ')}`)
  }
  const number = (name: string, otherwise: number, least: number, most: number): number => numberIn(name, values.get(name), otherwise, least, most)
  return { operands, value: (name) => values.get(name), has: (name) => given.has(name), number }
}

function numberIn(name: string, text: string | undefined, otherwise: number, least: number, most: number): number {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (text.trim() === '' || !(value >= least && value <= most)) throw new UsageError(`--${name} is "${text}", but must be a number from ${least} to ${most}`)
  return value
}
