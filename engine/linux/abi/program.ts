/** Programs, and the one way their flags are declared: help, completion, messages and the support table derive from it. */
import { encodeLossless } from '#engine/base/lossless'
import type { Process } from '#engine/linux/abi/process'
import { withChoices } from '#engine/linux/abi/choices'
import { quote } from '#engine/linux/abi/quoting'
import { type FlagSpecs, type FlagValues, parseFlags, UsageError } from '#engine/linux/abi/flags'

export interface Program {
  readonly name: string
  /** One line for the support table: what of the real program is not there. */
  readonly unsupported?: string
  run(process: Process): Promise<number>
}

export interface ProgramDefinition<F extends FlagSpecs> {
  readonly name: string
  readonly flags: F
  /** The usage line after the name: `[OPTION]... [FILE]...`. */
  readonly usage?: string
  readonly summary?: string
  /** Stop at the first operand, as POSIXLY_CORRECT (env, nice, xargs). */
  readonly stopAtOperand?: boolean
  /** Exit code for wrong usage; coreutils mostly 1, ls and grep 2. */
  readonly usageExit?: number
  /** `--version`'s first line. */
  readonly version?: string
  readonly unsupported?: string
  /** The line after a complaint about options, where it is not the usual one. */
  advice?(name: string): string
  /** Rewrites arguments before they are parsed: `head -5`, `chmod -x`. */
  rewrite?(args: readonly string[]): readonly string[]
  run(process: Process, options: FlagValues<F> & { readonly operands: readonly string[] }): Promise<number>
}

/** A program in GNU style: getopt_long flags, `--help`, `--version`. Others implement `Program` themselves. */
export function defineProgram<const F extends FlagSpecs>(definition: ProgramDefinition<F>): Program {
  return {
    name: definition.name,
    ...(definition.unsupported === undefined ? {} : { unsupported: definition.unsupported }),
    async run(process) {
      const name = process.argv[0] ?? definition.name
      try {
        const parsed = parseFlags(definition.flags, definition.rewrite?.(process.argv.slice(1)) ?? process.argv.slice(1), definition.stopAtOperand ?? false)
        if (parsed.help) {
          await process.stdout.write(helpText(definition, name))
          return 0
        }
        if (parsed.version) {
          await process.stdout.write(`${definition.version ?? `${definition.name} (GNU coreutils) 9.1`}\n`)
          return 0
        }
        return await definition.run(process, { ...withChoices(definition.flags, parsed.values, (text) => quote(process, text)), operands: parsed.operands })
      } catch (error) {
        if (!(error instanceof UsageError)) throw error
        await process.stderr.write(encodeLossless(`${name}: ${error.message}\n`))
        // busybox shows its usage, which is not told here.
        if (process.executable.attributes['flavor'] === 'busybox') return 1
        await process.stderr.write(`${definition.advice?.(name) ?? `Try '${name} --help' for more information.`}\n`)
        return error.exit ?? definition.usageExit ?? 1
      }
    },
  }
}

function helpText(definition: ProgramDefinition<FlagSpecs>, name: string): string {
  const lines = [`Usage: ${name} ${definition.usage ?? '[OPTION]... [FILE]...'}`]
  if (definition.summary) lines.push(definition.summary)
  lines.push('')
  for (const spec of Object.values(definition.flags)) {
    const names = spec.names.map((flag) => (spec.kind === 'boolean' || spec.kind === 'count' ? flag : flag.startsWith('--') ? `${flag}=${spec.value ?? 'VALUE'}` : `${flag} ${spec.value ?? 'VALUE'}`))
    lines.push(`  ${names.join(', ').padEnd(28)}${spec.help ?? ''}`.trimEnd())
  }
  lines.push(`      --help                  display this help and exit`, `      --version               output version information and exit`)
  return `${lines.join('\n')}\n`
}
