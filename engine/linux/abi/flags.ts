/** getopt_long over declared flags: clusters (`-la`), `--name=value`, `--name value`, unique prefixes, `--`. */
export interface FlagSpec {
  readonly kind: 'boolean' | 'count' | 'value' | 'optional' | 'list'
  readonly names: readonly string[]
  /** The placeholder in help. */
  readonly value?: string
  readonly help?: string
  /** What its argument may be; see choices.ts. */
  readonly choices?: { readonly context: string; readonly groups: readonly (readonly string[])[]; readonly bare?: string }
}

export type FlagSpecs = Readonly<Record<string, FlagSpec>>

type FlagValue<S extends FlagSpec> = S['kind'] extends 'boolean' ? boolean
  : S['kind'] extends 'count' ? number
  : S['kind'] extends 'list' ? readonly string[]
  : string | undefined

export type FlagValues<F extends FlagSpecs> = { readonly [K in keyof F]: FlagValue<F[K]> }

/** Wrong usage, in getopt's words. */
export class UsageError extends Error {
  override readonly name = 'UsageError'

  constructor(
    message: string,
    /** Where it is not the program's usual one for wrong usage. */
    readonly exit?: number,
  ) {
    super(message)
  }
}

export function flag(...names: string[]): FlagSpec & { readonly kind: 'boolean' } {
  return { kind: 'boolean', names }
}

/** Counts its occurrences (`-vvv`). */
export function count(...names: string[]): FlagSpec & { readonly kind: 'count' } {
  return { kind: 'count', names }
}

export function option(...names: string[]): FlagSpec & { readonly kind: 'value' } {
  return { kind: 'value', names }
}

/** A value only by `--name=value` or `-nvalue`; given bare it is the empty string. */
export function optional(...names: string[]): FlagSpec & { readonly kind: 'optional' } {
  return { kind: 'optional', names }
}

/** May be given several times. */
export function list(...names: string[]): FlagSpec & { readonly kind: 'list' } {
  return { kind: 'list', names }
}

export interface ParsedFlags<F extends FlagSpecs> {
  readonly values: FlagValues<F>
  readonly operands: readonly string[]
  readonly help: boolean
  readonly version: boolean
}

export function parseFlags<F extends FlagSpecs>(specs: F, args: readonly string[], stopAtOperand: boolean): ParsedFlags<F> {
  return new Parser(specs, args, stopAtOperand).parse() as ParsedFlags<F>
}

class Parser {
  private readonly values: Record<string, boolean | number | string | string[] | undefined> = {}
  private readonly operands: string[] = []
  private readonly byName = new Map<string, string>()
  private help = false
  private version = false
  private index = 0

  constructor(
    private readonly specs: FlagSpecs,
    private readonly args: readonly string[],
    private readonly stopAtOperand: boolean,
  ) {
    for (const [key, spec] of Object.entries(specs)) {
      for (const name of spec.names) this.byName.set(name, key)
      this.values[key] = spec.kind === 'boolean' ? false : spec.kind === 'count' ? 0 : spec.kind === 'list' ? [] : undefined
    }
  }

  parse(): ParsedFlags<FlagSpecs> {
    for (; this.index < this.args.length; this.index++) {
      const arg = this.args[this.index] as string
      if (arg === '--') {
        this.operands.push(...this.args.slice(this.index + 1))
        break
      }
      if (arg.startsWith('--')) this.long(arg)
      else if (arg.startsWith('-') && arg.length > 1) this.cluster(arg)
      else if (this.stopAtOperand) {
        this.operands.push(...this.args.slice(this.index))
        break
      } else this.operands.push(arg)
    }
    return { values: this.values as FlagValues<FlagSpecs>, operands: this.operands, help: this.help, version: this.version }
  }

  private long(arg: string): void {
    const equals = arg.indexOf('=')
    const given = equals < 0 ? arg : arg.slice(0, equals)
    const inline = equals < 0 ? undefined : arg.slice(equals + 1)
    const key = this.findLong(given, arg)
    if (key === undefined) return
    const spec = this.specs[key] as FlagSpec
    if (spec.kind === 'boolean' || spec.kind === 'count') {
      if (inline !== undefined) throw new UsageError(`option '${this.fullName(key, given)}' doesn't allow an argument`)
      return this.set(key, spec, '')
    }
    if (spec.kind === 'optional') return this.set(key, spec, inline ?? '')
    const value = inline ?? this.args[++this.index]
    if (value === undefined) throw new UsageError(`option '${this.fullName(key, given)}' requires an argument`)
    this.set(key, spec, value)
  }

  private findLong(given: string, whole: string): string | undefined {
    const exact = this.byName.get(given)
    if (exact !== undefined) return exact
    const candidates = [...this.byName.keys(), '--help', '--version'].filter((name) => name.startsWith('--') && name.startsWith(given))
    if (given !== '--help' && given !== '--version' && new Set(candidates.map((name) => this.byName.get(name) ?? name)).size > 1)
      throw new UsageError(`option '${given}' is ambiguous; possibilities: ${candidates.map((name) => `'${name}'`).join(' ')}`)
    const only = given === '--help' || given === '--version' ? given : candidates[0]
    if (only === undefined) throw new UsageError(`unrecognized option '${whole}'`)
    if (only === '--help') this.help = true
    else if (only === '--version') this.version = true
    return this.byName.get(only)
  }

  private fullName(key: string, given: string): string {
    return this.specs[key]?.names.find((name) => name.startsWith(given)) ?? given
  }

  private cluster(arg: string): void {
    for (let at = 1; at < arg.length; at++) {
      const letter = arg.charAt(at)
      const key = this.byName.get(`-${letter}`)
      if (key === undefined) throw new UsageError(`invalid option -- '${letter}'`)
      const spec = this.specs[key] as FlagSpec
      if (spec.kind === 'boolean' || spec.kind === 'count') {
        this.set(key, spec, '')
        continue
      }
      const rest = arg.slice(at + 1)
      if (spec.kind === 'optional') return this.set(key, spec, rest)
      const value = rest.length > 0 ? rest : this.args[++this.index]
      if (value === undefined) throw new UsageError(`option requires an argument -- '${letter}'`)
      return this.set(key, spec, value)
    }
  }

  private set(key: string, spec: FlagSpec, value: string): void {
    if (spec.kind === 'boolean') this.values[key] = true
    else if (spec.kind === 'count') this.values[key] = (this.values[key] as number) + 1
    else if (spec.kind === 'list') (this.values[key] as string[]).push(value)
    else this.values[key] = value
  }
}
