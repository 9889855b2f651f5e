/** ulimit: the soft and hard limits of the shell. They are kept and shown; only what the kernel simulates is held to them. */
import { builtin, type BuiltinCall, parseOptions, write } from '#engine/shell/builtins/builtin'
import { BuiltinError } from '#engine/shell/state/signals'

interface Limit {
  readonly letter: string
  readonly label: string
  readonly soft: string
  readonly hard?: string
  readonly unit: string
}

const limits: readonly Limit[] = [
  { letter: 'R', label: 'real-time non-blocking time', soft: 'unlimited', unit: 'microseconds, ' },
  { letter: 'c', label: 'core file size', soft: '0', hard: 'unlimited', unit: 'blocks, ' },
  { letter: 'd', label: 'data seg size', soft: 'unlimited', unit: 'kbytes, ' },
  { letter: 'e', label: 'scheduling priority', soft: '0', unit: '' },
  { letter: 'f', label: 'file size', soft: 'unlimited', unit: 'blocks, ' },
  { letter: 'i', label: 'pending signals', soft: '15487', unit: '' },
  { letter: 'l', label: 'max locked memory', soft: '8192', unit: 'kbytes, ' },
  { letter: 'm', label: 'max memory size', soft: 'unlimited', unit: 'kbytes, ' },
  { letter: 'n', label: 'open files', soft: '1024', hard: '1048576', unit: '' },
  { letter: 'p', label: 'pipe size', soft: '8', unit: '512 bytes, ' },
  { letter: 'q', label: 'POSIX message queues', soft: '819200', unit: 'bytes, ' },
  { letter: 'r', label: 'real-time priority', soft: '0', unit: '' },
  { letter: 's', label: 'stack size', soft: '8192', hard: 'unlimited', unit: 'kbytes, ' },
  { letter: 't', label: 'cpu time', soft: 'unlimited', unit: 'seconds, ' },
  { letter: 'u', label: 'max user processes', soft: '15487', unit: '' },
  { letter: 'v', label: 'virtual memory', soft: 'unlimited', unit: 'kbytes, ' },
  { letter: 'x', label: 'file locks', soft: 'unlimited', unit: '' },
]

export const ulimitBuiltin = builtin(async (call) => {
  const { flags, rest } = parseOptions(call, 'SHabcdefiklmnpqrstuvxPRT')
  const hard = flags.has('H') && !flags.has('S')
  if (flags.has('a')) {
    await write(call, limits.map((limit) => `${heading(limit)} ${current(call, limit, hard)}\n`).join(''))
    return 0
  }
  const letters = [...flags.keys()].filter((flag) => flag !== 'S' && flag !== 'H')
  const chosen = (letters.length === 0 ? ['f'] : letters).map((letter) => limits.find((limit) => limit.letter === letter))
  for (const limit of chosen) {
    if (!limit) throw new BuiltinError(`${letters.at(-1) ?? ''}: bad command`)
    if (rest[0] === undefined) await write(call, `${chosen.length > 1 ? `${heading(limit)} ` : ''}${current(call, limit, hard)}\n`)
    else set(call, limit, rest[0], flags)
  }
  return 0
})

const heading = ({ label, unit, letter }: Limit): string => `${label.padEnd(20)}${`(${unit}-${letter})`.padStart(20)}`

/** Hard limits are kept beside the soft ones, under `H` and the letter. */
function current({ shell }: BuiltinCall, limit: Limit, hard: boolean): string {
  return shell.limits.get(hard ? `H${limit.letter}` : limit.letter) ?? (hard ? (limit.hard ?? limit.soft) : limit.soft)
}

function set(call: BuiltinCall, limit: Limit, text: string, flags: ReadonlyMap<string, string | true>): void {
  if (!/^(\d+|unlimited|hard|soft)$/.test(text)) throw new BuiltinError(`${text}: invalid number`)
  const { shell } = call
  const value = text === 'hard' || text === 'soft' ? current(call, limit, text === 'hard') : text
  const [softToo, hardToo] = flags.has('S') === flags.has('H') ? [true, true] : [flags.has('S'), flags.has('H')]
  check(call, limit, amount(value), softToo, hardToo)
  if (softToo) shell.limits.set(limit.letter, value)
  if (hardToo) shell.limits.set(`H${limit.letter}`, value)
}

/** Root may raise a hard limit; a soft one goes no higher than it. */
function check(call: BuiltinCall, limit: Limit, wanted: number, softToo: boolean, hardToo: boolean): void {
  const most = amount(current(call, limit, true))
  const user = call.shell.process.credentials.uid
  if (limit.letter === 'p') throw refused(limit, 'Invalid argument')
  if (hardToo && ((wanted > most && user !== 0) || (limit.letter === 'n' && wanted > mostFiles))) throw refused(limit, 'Operation not permitted')
  const crossed = hardToo ? !softToo && wanted < amount(current(call, limit, false)) : wanted > most
  if (crossed) throw refused(limit, 'Invalid argument')
}

/** /proc/sys/fs/nr_open. */
const mostFiles = 1073741816

const amount = (text: string): number => (text === 'unlimited' ? Infinity : Number(text))

function refused({ label }: Limit, why: string): BuiltinError {
  return new BuiltinError(`${label}: cannot modify limit: ${why}`)
}
