/** Flags of Go daemons, thin: `--name=value`, `--name value`, and Go's words for errors of files. */
import type { Errno } from '#engine/linux/abi/errno'

/** By name without dashes; a flag without a value holds `true`. Throws Error in pflag's words. */
export function parseGoFlags(args: readonly string[], known: ReadonlySet<string>): Map<string, string> {
  const out = new Map<string, string>()
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? ''
    if (!arg.startsWith('-')) continue
    const [name = '', ...rest] = arg.replace(/^--?/, '').split('=')
    if (!known.has(name)) throw new Error(`unknown flag: --${name}`)
    const next = args[index + 1]
    if (rest.length > 0) out.set(name, rest.join('='))
    else if (next !== undefined && !next.startsWith('-')) {
      out.set(name, next)
      index++
    } else out.set(name, 'true')
  }
  return out
}

/** `open /etc/x: no such file or directory`. */
export function goFileError(call: string, path: string, error: Errno): string {
  return `${call} ${path}: ${error.message.toLowerCase()}`
}
