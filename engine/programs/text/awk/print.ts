/** `print` and `printf`. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Awk } from '#engine/programs/text/awk/awk'
import { formatAwk, FormatProblem } from '#engine/programs/text/awk/format'
import { RunTimeError } from '#engine/programs/text/awk/jump'
import { valuesOf } from '#engine/programs/text/awk/operands'
import { wait, whenDone } from '#engine/programs/text/awk/soon'
import type { Statement } from '#engine/programs/text/awk/syntax'
import { toText, unset, type Value } from '#engine/programs/text/awk/values'

type Print = Extract<Statement, { type: 'print' }>

export function print(awk: Awk, statement: Print): Promise<void> | undefined {
  return wait(whenDone(valuesOf(awk, statement.arguments), (values) => whenDone(statement.to ? awk.evaluate(statement.to) : '', (to) => {
    const text = statement.format ? format(awk, values, 'printf') : line(awk, values)
    if (statement.redirect) return printTo(awk, statement.redirect, toText(to, awk.variables.convert), text)
    return awk.streams.print(text) ? awk.streams.flush() : undefined
  })))
}

function line(awk: Awk, values: readonly Value[]): string {
  const { variables } = awk
  const text = values.length === 0 ? awk.record.whole() : values.map((value) => toText(value, variables.text('OFMT'))).join(variables.text('OFS'))
  return text + variables.text('ORS')
}

function printTo(awk: Awk, kind: '>' | '>>' | '|', name: string, text: string): void {
  try {
    awk.streams.printTo(kind, name, text)
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new RunTimeError(`cannot open "${name}" for output (${error.message})`)
  }
}

/** What was formatted before a fault is printed. */
export function format(awk: Awk, values: readonly Value[], caller: 'printf' | 'sprintf'): string {
  const { convert } = awk.variables
  try {
    return formatAwk(toText(values[0] ?? unset, convert), values.slice(1), convert, caller)
  } catch (error) {
    if (!(error instanceof FormatProblem)) throw error
    if (caller === 'printf') awk.streams.print(error.output)
    throw new RunTimeError(error.message)
  }
}
