/** awk as Debian has it: mawk 1.3.4, with bytes for characters. */
import { complaintLine } from '#engine/programs/common/busybox'
import { encodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Program as Executable } from '#engine/linux/abi/program'
import { PatternError } from '#engine/shell/patterns/posix'
import { readInput, reason } from '#engine/programs/common/gnu'
import { AwkSyntaxError } from '#engine/programs/text/awk/lexer'
import { AwkMachine, RunTimeError } from '#engine/programs/text/awk/machine'
import { parseAwk } from '#engine/programs/text/awk/parser'
import { fromBytes, toBytes } from '#engine/programs/text/awk/streams'
import type { Expression, Program } from '#engine/programs/text/awk/syntax'

/** Bytes as characters, as the rest of awk has them. */
function bytesOf(text: string): string {
  return fromBytes(encodeLossless(text))
}

async function complain(process: Process, text: string): Promise<number> {
  await process.stderr.write(toBytes(bytesOf(complaintLine(process, process.argv[0]?.split('/').pop() ?? 'awk', text))))
  return 2
}

interface Arguments {
  readonly source: string
  readonly assignments: readonly (readonly [string, string])[]
  readonly operands: readonly string[]
}

/** Which option needs a value and has none. */
function lacking(arg: string, rest: readonly string[]): boolean {
  return /^-[Ffv]$/.test(arg) && rest.length === 0
}

async function readArguments(process: Process): Promise<Arguments | number> {
  const args = process.argv.slice(1)
  const assignments: [string, string][] = []
  const files: string[] = []
  while (/^-./.test(args[0] ?? '')) {
    const arg = args.shift() as string
    if (arg === '--') break
    const value = (): string | undefined => (arg.length > 2 ? arg.slice(2) : args.shift())
    if (lacking(arg, args)) return complain(process, `option ${arg} lacks argument`)
    if (arg.startsWith('-F')) assignments.push(['FS', separatorOf(value() ?? ' ')])
    else if (arg.startsWith('-v')) {
      const text = value() ?? ''
      if (!/^[A-Za-z_]\w*=/.test(text)) return complain(process, `improper assignment: -v ${text}`)
      assignments.push([text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)])
    } else if (arg.startsWith('-f')) files.push(value() ?? '')
    else if (arg === '-W' || arg.startsWith('-W')) {
      if ((value() ?? '').startsWith('v')) return process.stdout.write('mawk 1.3.4 20200120\n').then(() => 0)
    } else return complain(process, `not an option: ${arg}`)
  }
  if (files.length > 0) {
    const texts: string[] = []
    for (const file of files) {
      try {
        texts.push(fromBytes(await readInput(process, file)))
      } catch (error) {
        return complain(process, `cannot open ${file} (${reason(error)})`)
      }
    }
    return { source: texts.join('\n'), assignments, operands: args.map(bytesOf) }
  }
  const source = args.shift()
  if (source === undefined) {
    await process.stderr.write('Usage: mawk [Options] [Program] [file ...]\n\nProgram:\n    The -f option value is the name of a file containing program text.\n    If no -f option is given, a "--" ends option processing; the following\n    parameters are the program text.\n')
    return 0
  }
  return { source: bytesOf(source), assignments, operands: args.map(bytesOf) }
}

function separatorOf(text: string): string {
  return text === 't' ? 't' : text
}

export const awk: Executable = {
  name: 'awk',
  async run(process) {
    const parsed = await readArguments(process)
    if (typeof parsed === 'number') return parsed
    let program: Program
    try {
      program = parseAwk(parsed.source)
    } catch (error) {
      if (!(error instanceof AwkSyntaxError)) throw error
      if (error.message.startsWith('missing )') && unclosed(parsed.source)) {
        await complain(process, `line ${error.line}: ${error.message}`)
        return complain(process, `line ${parsed.source.split('\n').length + 1}: missing } near end of file`)
      }
      return complain(process, error.detail === 'character' ? `${error.line}: ${error.message}` : `line ${error.line}: ${error.message}`)
    }
    const machine = new AwkMachine(process, program, parsed.operands)
    try {
      for (const source of regexesOf(program)) machine.regex(source)
    } catch (error) {
      if (!(error instanceof PatternError)) throw error
      return complain(process, `line 1: regular expression compile failed (${words(error.message)})\n${badRegex(program, machine)}`)
    }
    machine.setArguments(process.argv[0] ?? 'awk')
    for (const [name, value] of parsed.assignments) machine.assignText(name, bytesOf(value))
    machine.onError = (error) => complain(process, error.message.startsWith('cannot open') ? error.message : `run time error: ${error.message}\n${machine.where()}`)
    try {
      return await machine.run()
    } catch (error) {
      if (error instanceof RunTimeError) return 2
      return ended(process, error)
    }
  },
}

/** What a program in awk can die of. */
async function ended(process: Process, error: unknown): Promise<number> {
  if (isErrno(error, 'EPIPE')) return 2
  if (error instanceof RangeError) return complain(process, 'out of memory')
  if (error instanceof PatternError) return complain(process, `run time error: regular expression compile failed (${words(error.message)})`)
  throw error
}

/** More blocks are opened than closed. */
function unclosed(source: string): boolean {
  const plain = source.replace(/"(?:\\.|[^"\\])*"/g, '')
  return (plain.match(/\{/g)?.length ?? 0) > (plain.match(/\}/g)?.length ?? 0)
}

/** mawk's own words for a faulty pattern. */
function words(message: string): string {
  if (message.startsWith('Unmatched ( ')) return "missing ')'"
  if (message.startsWith('Unmatched ) ')) return "missing operand"
  return message.startsWith('Unmatched [') ? 'bad class -- [], [^] or [' : message
}

function badRegex(program: Program, machine: AwkMachine): string {
  return regexesOf(program).find((source) => {
    try {
      machine.regex(source)
      return false
    } catch {
      return true
    }
  }) ?? ''
}

function regexesOf(program: Program): string[] {
  const out: string[] = []
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit)
    else if (value instanceof Map) value.forEach(visit)
    else if (typeof value === 'object' && value !== null) {
      if ((value as Expression).type === 'regex') out.push((value as Expression & { type: 'regex' }).source)
      Object.values(value).forEach(visit)
    }
  }
  visit(program.rules)
  visit(program.functions)
  return out
}

export const awkPrograms: readonly Executable[] = [awk, { ...awk, name: 'mawk' }]
