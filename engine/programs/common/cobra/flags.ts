/** Flags in pflag's manner: declared once, parsed to typed values, refused in pflag's words. */
import { parseCsv, parseDuration, parseGoBool, parseGoFloat, parseGoInt, quoteGo } from './values'

export type FlagKind = 'bool' | 'string' | 'int' | 'int32' | 'int64' | 'uint' | 'float' | 'duration' | 'strings' | 'stringArray' | 'stringMap' | 'count'
export type FlagValue = boolean | string | number | readonly string[] | ReadonlyMap<string, string>

export interface Flag {
  readonly name: string
  readonly shorthand?: string
  readonly kind: FlagKind
  /** Durations in milliseconds. */
  readonly default: FlagValue
  readonly usage: string
  /** What the flag means when given without a value. Booleans have "true" by themselves. */
  readonly bare?: string
  readonly hidden?: boolean
  /** Given: `Flag --x has been deprecated, TEXT` goes to standard error. */
  readonly deprecated?: string
  readonly required?: boolean
  /** How help writes the default where the value does not tell (`[]`, `0s`). */
  readonly defaultText?: string
  /** The type's name in cobra's own help, where it is not the kind's. */
  readonly typeName?: string
  /** Refuses a value: returns the reason. */
  readonly check?: (value: string) => string | undefined
  /** Candidates for completion. */
  readonly complete?: (toComplete: string) => readonly string[]
  /** The value is a file with one of these endings. */
  readonly extensions?: readonly string[]
}

type Extra = Partial<Omit<Flag, 'name' | 'kind' | 'default' | 'usage'>> & { readonly default?: FlagValue }

function make(kind: FlagKind, fallback: FlagValue) {
  return (names: string, usage: string, extra: Extra = {}): Flag => {
    const [name = '', shorthand] = names.split(',')
    return { name, ...(shorthand ? { shorthand } : {}), kind, usage, ...extra, default: extra.default ?? fallback }
  }
}

/** `bool('all-namespaces,A', 'usage')`: the name, a comma, the shorthand. */
export const bool = make('bool', false)
export const string = make('string', '')
export const int = make('int', 0)
export const int32 = make('int32', 0)
export const int64 = make('int64', 0)
export const uint = make('uint', 0)
export const float = make('float', 0)
export const duration = make('duration', 0)
/** Comma separated, may be repeated. */
export const strings = make('strings', [])
/** May be repeated; commas are kept. */
export const stringArray = make('stringArray', [])
export const stringMap = make('stringMap', new Map<string, string>())
export const count = make('count', 0)

/** Wrong flags, in pflag's words. */
export class FlagError extends Error {
  override readonly name = 'FlagError'
}

export class Flags {
  private readonly byName = new Map<string, Flag>()
  private readonly byShorthand = new Map<string, Flag>()
  private readonly values = new Map<string, FlagValue>()
  private readonly given = new Set<string>()
  readonly warnings: string[] = []
  /** Arguments that are no flags. */
  args: string[] = []
  /** How many arguments stood before `--`; -1 without it. */
  argsBeforeDash = -1

  constructor(flags: Iterable<Flag>, private readonly normalize: (name: string) => string = (name) => name) {
    for (const flag of flags) this.add(flag)
  }

  add(flag: Flag): void {
    if (this.byName.has(flag.name)) return
    this.byName.set(flag.name, flag)
    if (flag.shorthand !== undefined) this.byShorthand.set(flag.shorthand, flag)
  }

  all(): Flag[] {
    return [...this.byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  lookup(name: string): Flag | undefined {
    return this.byName.get(this.normalize(name))
  }

  lookupShorthand(letter: string): Flag | undefined {
    return this.byShorthand.get(letter)
  }

  changed(name: string): boolean {
    return this.given.has(name)
  }

  bool(name: string): boolean {
    return this.get(name) as boolean
  }

  /** Empty for a flag of another kind: a command may have a flag of its own by the name of a global one. */
  string(name: string): string {
    const value = this.get(name)
    return typeof value === 'string' ? value : ''
  }

  number(name: string): number {
    return this.get(name) as number
  }

  list(name: string): readonly string[] {
    return this.get(name) as readonly string[]
  }

  map(name: string): ReadonlyMap<string, string> {
    return this.get(name) as ReadonlyMap<string, string>
  }

  has(name: string): boolean {
    return this.byName.has(name)
  }

  get(name: string): FlagValue {
    const flag = this.byName.get(name)
    if (!flag) throw new FlagError(`flag accessed but not defined: ${name}`)
    return this.values.get(name) ?? flag.default
  }

  /** Sets a value as if it had been given (defaults from configuration). */
  set(name: string, text: string): void {
    const flag = this.byName.get(name)
    if (!flag) throw new FlagError(`no such flag -${name}`)
    this.assign(flag, text)
  }

  missing(): string[] {
    return this.all().filter((flag) => flag.required && !this.given.has(flag.name)).map((flag) => flag.name)
  }

  parse(args: readonly string[], interspersed = true): void {
    const queue = [...args]
    while (queue.length > 0) {
      const arg = queue.shift() as string
      if (!arg.startsWith('-') || arg === '-') {
        this.args.push(arg)
        if (interspersed) continue
        this.args.push(...queue)
        return
      }
      if (arg === '--') {
        this.argsBeforeDash = this.args.length
        this.args.push(...queue)
        return
      }
      if (arg.startsWith('--')) this.parseLong(arg, queue)
      else this.parseShort(arg, queue)
    }
  }

  private parseLong(arg: string, queue: string[]): void {
    const body = arg.slice(2)
    if (body === '' || body.startsWith('-') || body.startsWith('=')) throw new FlagError(`bad flag syntax: ${arg}`)
    const equals = body.indexOf('=')
    const name = equals < 0 ? body : body.slice(0, equals)
    const flag = this.lookup(name)
    if (!flag) throw new FlagError(`unknown flag: --${name}`)
    if (equals >= 0) return this.assign(flag, body.slice(equals + 1))
    const bare = bareValue(flag)
    if (bare !== undefined) return this.assign(flag, bare)
    const value = queue.shift()
    if (value === undefined) throw new FlagError(`flag needs an argument: --${name}`)
    this.assign(flag, value)
  }

  private parseShort(arg: string, queue: string[]): void {
    for (let letters = arg.slice(1); letters !== ''; letters = letters.slice(1)) {
      const letter = letters.charAt(0)
      const flag = this.byShorthand.get(letter)
      if (!flag) throw new FlagError(`unknown shorthand flag: '${letter}' in -${letters}`)
      const bare = bareValue(flag)
      if (letters.length > 2 && letters.charAt(1) === '=') return this.assign(flag, letters.slice(2))
      if (bare !== undefined) {
        this.assign(flag, bare)
        continue
      }
      if (letters.length > 1) return this.assign(flag, letters.slice(1))
      const value = queue.shift()
      if (value === undefined) throw new FlagError(`flag needs an argument: '${letter}' in -${letters}`)
      return this.assign(flag, value)
    }
  }

  private assign(flag: Flag, text: string): void {
    const label = flag.shorthand ? `-${flag.shorthand}, --${flag.name}` : `--${flag.name}`
    try {
      const refused = flag.check?.(text)
      if (refused !== undefined) throw new FlagError(refused)
      this.values.set(flag.name, this.convert(flag, text))
    } catch (error) {
      throw new FlagError(`invalid argument ${quoteGo(text)} for ${quoteGo(label)} flag: ${(error as Error).message}`)
    }
    if (!this.given.has(flag.name) && flag.deprecated !== undefined) this.warnings.push(`Flag --${flag.name} has been deprecated, ${flag.deprecated}`)
    this.given.add(flag.name)
  }

  private convert(flag: Flag, text: string): FlagValue {
    return converters[flag.kind](text, this.given.has(flag.name) ? this.values.get(flag.name) : undefined)
  }
}

/** How a text becomes a value, given the one before where the flag is repeated. */
const converters: Readonly<Record<FlagKind, (text: string, before: FlagValue | undefined) => FlagValue>> = {
  bool: (text) => parseGoBool(text),
  string: (text) => text,
  int: (text) => parseGoInt(text, 64),
  int64: (text) => parseGoInt(text, 64),
  int32: (text) => parseGoInt(text, 32),
  uint: (text) => parseGoInt(text, 64, true),
  float: (text) => parseGoFloat(text),
  duration: (text) => parseDuration(text),
  count: (text, before) => (text === '+1' ? ((before as number | undefined) ?? 0) + 1 : parseGoInt(text, 64)),
  strings: (text, before) => [...((before as string[] | undefined) ?? []), ...(text === '' ? [] : parseCsv(text))],
  stringArray: (text, before) => [...((before as string[] | undefined) ?? []), text],
  stringMap: (text, before) => new Map([...((before as Map<string, string> | undefined) ?? []), ...parsePairs(text)]),
}

export function bareValue(flag: Flag): string | undefined {
  return flag.bare ?? (flag.kind === 'bool' ? 'true' : flag.kind === 'count' ? '+1' : undefined)
}

function parsePairs(text: string): [string, string][] {
  if (text === '') return []
  const parts = (text.match(/=/g)?.length ?? 0) <= 1 ? [text.replace(/^"|"$/g, '')] : parseCsv(text)
  return parts.map((pair) => {
    const equals = pair.indexOf('=')
    if (equals < 0) throw new FlagError(`${pair} must be formatted as key=value`)
    return [pair.slice(0, equals), pair.slice(equals + 1)]
  })
}
