/** echo, printf, pwd-like output. */
import { builtin, type BuiltinCall, usageError, usageOf, write, HelpWanted } from '#engine/shell/builtins/builtin'
import { FormatError, formatPrintf } from '#engine/shell/builtins/printf-format'
import { backslashQuote } from '#engine/shell/expand/quote'
import { decodeEcho } from '#engine/shell/syntax/ansi'
import { assign, isName, keyOf } from '#engine/shell/state/access'

export const echoBuiltin = builtin(async (call) => {
  const { shell, args } = call
  let newline = true
  const dash = shell.hasPlainEcho
  let escapes = dash || (shell.options.shopt.get('xpg_echo') ?? false)
  let i = 0
  for (; i < args.length; i++) {
    const arg = args[i] as string
    if (dash ? arg !== '-n' : !/^-[neE]+$/.test(arg)) break
    for (const letter of arg.slice(1)) {
      if (letter === 'n') newline = false
      else escapes = letter === 'e'
    }
    if (dash) escapes = true
  }
  const text = args.slice(i).join(' ')
  if (!escapes) {
    await write(call, newline ? `${text}\n` : text)
    return 0
  }
  const decoded = decodeEcho(text, false)
  await write(call, decoded.text + (newline && !decoded.stop ? '\n' : ''))
  return 0
})

export const printfBuiltin = builtin(async (call) => {
  const { shell } = call
  const args = [...call.args]
  let variable: string | undefined
  if (args[0] === '--help') throw new HelpWanted()
  if (args[0]?.startsWith('-v')) {
    const first = args.shift() as string
    variable = first.length > 2 ? first.slice(2) : args.shift()
    if (variable === undefined) throw usageError('printf', '-v: option requires an argument')
    if (!/^[A-Za-z_]\w*(\[.*\])?$/s.test(variable)) {
      await shell.error(`printf: \`${variable}': not a valid identifier`)
      return 2
    }
  } else if (/^-[^-]/.test(args[0] ?? '')) throw usageError('printf', `${(args[0] as string).slice(0, 2)}: invalid option`)
  if (args[0] === '--') args.shift()
  const format = args.shift()
  if (format === undefined) {
    await shell.complain(`printf: usage: ${usageOf('printf')}`)
    return 2
  }
  return formatted(call, variable, format, args)
})

interface Complaint {
  readonly text: string
  /** How much of the output stands before it. */
  readonly at: number
  readonly fails: boolean
}

async function formatted(call: BuiltinCall, variable: string | undefined, format: string, args: readonly string[]): Promise<number> {
  const { shell } = call
  const complaints: Complaint[] = []
  let text: string
  try {
    text = formatPrintf(
      {
        complain: (kind, bad, { length: at }) => complaints.push(kind === 'out-of-range' ? { text: `warning: ${bad}: Numerical result out of range`, at, fails: false } : { text: `${bad}: invalid ${kindOfNumber(bad)}number`, at, fails: true }),
        quote: backslashQuote,
        now: () => shell.process.clock.now(),
        startedMs: () => shell.startedMs,
        timeZoneOffsetMinutes: () => 0,
      },
      format,
      args,
    ).text
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    text = error.output
    complaints.push({ text: error.kind === 'missing' ? `\`${error.specification}': missing format character` : `\`${error.specification.slice(-1)}': invalid format character`, at: text.length, fails: true })
  }
  await tell(call, text, complaints, variable === undefined)
  if (variable !== undefined) store(call, variable, text)
  return complaints.some((complaint) => complaint.fails) ? 1 : 0
}

/** By how it begins. */
function kindOfNumber(text: string): string {
  const body = text.replace(/^\s*[+-]/, '')
  if (/^0x/i.test(body)) return 'hex '
  return /^0\d/.test(body) ? 'octal ' : ''
}

/** What stands before a complaint is written before it. */
async function tell(call: BuiltinCall, text: string, complaints: readonly Complaint[], printed: boolean): Promise<void> {
  let done = 0
  for (const complaint of complaints) {
    if (printed) await write(call, text.slice(done, complaint.at))
    done = complaint.at
    await call.shell.error(`printf: ${complaint.text}`)
  }
  if (printed) await write(call, text.slice(done))
}

function store(call: BuiltinCall, target: string, text: string): void {
  const match = /^(\w+)\[([^]*)\]$/.exec(target)
  if (match && isName(match[1] as string)) assign(call.shell, match[1] as string, text, { key: keyOf(call.shell, match[1] as string, match[2] as string) })
  else assign(call.shell, target, text)
}
