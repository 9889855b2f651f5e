/** The command line of nc, openbsd's and busybox's. */
export interface NcOptions {
  readonly flags: ReadonlySet<string>
  readonly values: ReadonlyMap<string, string>
  readonly operands: readonly string[]
}

const knownFlags = '46bCDdFhklNnrStUuvZz'

/** Clusters of letters; one with a value takes the rest of its word, or the next one. The complaint where a letter is unknown. */
export function parseNc(args: readonly string[], withValue: string): NcOptions | string {
  const flags = new Set<string>()
  const values = new Map<string, string>()
  const operands: string[] = []
  const rest = [...args]
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (!arg.startsWith('-') || arg === '-') {
      operands.push(arg)
      continue
    }
    const at = [...arg].findIndex((letter, index) => index > 0 && withValue.includes(letter))
    const plain = at < 0 ? arg.slice(1) : arg.slice(1, at)
    const unknown = [...plain].find((letter) => !knownFlags.includes(letter))
    if (unknown !== undefined) return `nc: invalid option -- '${unknown}'`
    for (const letter of plain) flags.add(letter)
    if (at < 0) continue
    const value = arg.length > at + 1 ? arg.slice(at + 1) : rest.shift()
    if (value === undefined) return `nc: option requires an argument -- '${arg.charAt(at)}'`
    values.set(arg.charAt(at), value)
  }
  return { flags, values, operands }
}
