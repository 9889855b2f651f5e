/** Build arguments: what was given, what a stage declares, and which were never asked for. */
import type { Instruction } from './dockerfile/instruction'
import type { Variables } from './dockerfile/words'

/** Known without an ARG, and kept out of the history. */
const builtin = new Set(['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'FTP_PROXY', 'ftp_proxy', 'NO_PROXY', 'no_proxy', 'ALL_PROXY', 'all_proxy'])

export class BuildArguments {
  private readonly referenced = new Set<string>()
  private readonly globals = new Map<string, string>()
  private stage = new Map<string, string | undefined>()

  constructor(private readonly given: Readonly<Record<string, string>>) {}

  /** A new stage knows no ARG of the one before. */
  begin(): void {
    this.stage = new Map()
  }

  declareGlobal(name: string, value: string | undefined): void {
    this.referenced.add(name)
    const chosen = this.given[name] ?? value
    if (chosen !== undefined) this.globals.set(name, chosen)
  }

  /** An ARG without a value takes the one from before the first FROM. */
  declare(name: string, value: string | undefined): void {
    this.referenced.add(name)
    this.stage.set(name, this.given[name] ?? value ?? this.globals.get(name))
  }

  readonly global: Variables = (name) => this.globals.get(name)

  /** As an instruction sees it: the environment wins. */
  scope(env: readonly string[]): Variables {
    const known = new Map(env.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]))
    return (name) => known.get(name) ?? this.stage.get(name)
  }

  /** Set arguments that the environment does not already have, sorted: they are a RUN's environment. */
  forRun(env: readonly string[]): string[] {
    const known = new Set(env.map((entry) => entry.slice(0, entry.indexOf('='))))
    const own = [...this.stage].flatMap(([name, value]) => (value === undefined || known.has(name) ? [] : [`${name}=${value}`]))
    return [...own, ...Object.entries(this.given).flatMap(([name, value]) => (builtin.has(name) && !this.stage.has(name) ? [`${name}=${value}`] : []))].sort()
  }

  /** Those of `forRun` that a history tells of. */
  recorded(run: readonly string[]): string[] {
    return run.filter((entry) => {
      const name = entry.slice(0, entry.indexOf('='))
      return !builtin.has(name) || this.referenced.has(name)
    })
  }

  unused(): string[] {
    return Object.keys(this.given).filter((name) => !this.referenced.has(name) && !builtin.has(name)).sort()
  }
}

/** An ARG instruction's names with what they are given here, expanded. */
export function declaredBy(step: Instruction, expandWord: (text: string) => string): [string, string | undefined][] {
  return step.pairs.map(([name, value]) => [expandWord(name), value === undefined ? undefined : expandWord(value)])
}
