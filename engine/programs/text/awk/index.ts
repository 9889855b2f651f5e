/** awk as Debian has it: mawk 1.3.4, with bytes for characters. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Program as Executable } from '#engine/linux/abi/program'
import { PatternError } from '#engine/shell/patterns/posix'
import { RunTimeError } from '#engine/programs/text/awk/jump'
import { AwkSyntaxError } from '#engine/programs/text/awk/lexer'
import { AwkMachine } from '#engine/programs/text/awk/machine'
import { bytesOf, complain, readArguments } from '#engine/programs/text/awk/options'
import { parseAwk } from '#engine/programs/text/awk/parser'
import type { Expression, Program } from '#engine/programs/text/awk/syntax'

export const awk: Executable = {
  name: 'awk',
  async run(process) {
    const given = await readArguments(process)
    if (typeof given === 'number') return given
    const program = await parsed(process, given.source)
    if (typeof program === 'number') return program
    const machine = new AwkMachine(process, program)
    const status = await checkPatterns(process, program, machine)
    if (status !== undefined) return status
    machine.input.setArguments(process.argv[0] ?? 'awk', given.operands)
    for (const [name, value] of given.assignments) machine.input.assign(name, bytesOf(value))
    machine.onError = (error) => complain(process, error.message.startsWith('cannot open') ? error.message : `run time error: ${error.message}\n${machine.where()}`)
    try {
      return await machine.run()
    } catch (error) {
      return ended(process, error)
    }
  },
}

async function parsed(process: Process, source: string): Promise<Program | number> {
  try {
    return parseAwk(source)
  } catch (error) {
    if (!(error instanceof AwkSyntaxError)) throw error
    await complain(process, error.detail === 'character' ? `${error.line}: ${error.message}` : `line ${error.line}: ${error.message}`)
    if (error.further !== undefined) await complain(process, `line ${error.line}: ${error.further}`)
    if (error.message.startsWith('missing )') && unclosed(source)) await complain(process, `line ${source.split('\n').length + 1}: missing } near end of file`)
    return 2
  }
}

/** More blocks are opened than closed. */
function unclosed(source: string): boolean {
  const plain = source.replace(/"(?:\\.|[^"\\])*"/g, '')
  return (plain.match(/\{/g)?.length ?? 0) > (plain.match(/\}/g)?.length ?? 0)
}

/** Patterns are compiled before anything runs. */
async function checkPatterns(process: Process, program: Program, machine: AwkMachine): Promise<number | undefined> {
  for (const source of regexesOf(program)) {
    try {
      machine.regex(source)
    } catch (error) {
      if (!(error instanceof PatternError)) throw error
      return complain(process, `line 1: regular expression compile failed (${words(error.message)})\n${source}`)
    }
  }
  return undefined
}

/** What a program in awk can die of. */
async function ended(process: Process, error: unknown): Promise<number> {
  if (error instanceof RunTimeError || isErrno(error, 'EPIPE')) return 2
  if (error instanceof RangeError) return complain(process, 'out of memory')
  if (error instanceof PatternError) return complain(process, `run time error: regular expression compile failed (${words(error.message)})`)
  throw error
}

/** mawk's own words for a faulty pattern. */
function words(message: string): string {
  if (message.startsWith('Unmatched ( ')) return "missing ')'"
  if (message.startsWith('Unmatched ) ')) return 'missing operand'
  return message.startsWith('Unmatched [') ? 'bad class -- [], [^] or [' : message
}

function regexesOf(program: Program): string[] {
  const out: string[] = []
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit)
    else if (value instanceof Map) value.forEach(visit)
    else if (typeof value === 'object' && value !== null) visitNode(value)
  }
  const visitNode = (node: object): void => {
    const expression = node as Expression
    if (expression.type === 'regex') out.push(expression.source)
    if (expression.type === 'match' && expression.right.type === 'string') out.push(expression.right.value)
    Object.values(node).forEach(visit)
  }
  visit(program.rules)
  visit(program.functions)
  return out
}

export const awkPrograms: readonly Executable[] = [awk, { ...awk, name: 'mawk' }]
