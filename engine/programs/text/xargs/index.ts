/** xargs (findutils 4.9). */
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option, optional } from '#engine/linux/abi/flags'
import { complain, programName, readInputText, reason } from '#engine/programs/common/gnu'
import { type Item, itemsOf } from '#engine/programs/text/xargs/items'
import { batches, Runner, Stop } from '#engine/programs/text/xargs/runner'

const maxLength = 131072

export const xargs = defineProgram({
  name: 'xargs',
  version: 'xargs (GNU findutils) 4.9.0',
  usage: '[OPTION]... COMMAND [INITIAL-ARGS]...',
  flags: { null: flag('-0', '--null'), file: option('-a', '--arg-file'), delimiter: option('-d', '--delimiter'), eof: option('-E'), eofOld: optional('-e', '--eof'), replace: option('-I'), replaceOld: optional('-i', '--replace'), maxLines: option('-L'), linesOld: optional('-l', '--max-lines'), maxArgs: option('-n', '--max-args'), interactive: flag('-p', '--interactive'), maxProcs: option('-P', '--max-procs'), noRunIfEmpty: flag('-r', '--no-run-if-empty'), maxChars: option('-s', '--max-chars'), limits: flag('--show-limits'), verbose: flag('-t', '--verbose'), exit: flag('-x', '--exit'), openTty: flag('-o', '--open-tty'), slot: option('--process-slot-var') },
  stopAtOperand: true,
  async run(process, o) {
    const problem = numberProblem(o)
    const advice = problem === undefined ? '' : `\nTry '${programName(process)} --help' for more information.`
    const unusable = problem ?? delimiterProblem(o.delimiter) ?? lengthProblem(o.maxChars)
    if (unusable !== undefined) return complain(process, unusable + advice).then(() => 1)
    const replace = orDefault(o.replace ?? o.replaceOld, '{}')
    const lines = orDefault(o.maxLines ?? o.linesOld, '1')
    if (replace !== undefined) {
      await exclusive(process, o.maxArgs !== undefined && o.maxArgs !== '1', '--max-args')
      await exclusive(process, lines !== undefined, '--max-lines')
    }
    const items = await readItems(process, o, replace !== undefined)
    if (typeof items === 'number') return items
    const runner = new Runner(process, o.operands.length > 0 ? o.operands : ['echo'], { verbose: o.verbose, interactive: o.interactive, parallel: o.maxProcs === undefined ? 1 : Number(o.maxProcs) || 64 })
    try {
      await batches(runner, items, { replace, maxChars: Number(o.maxChars ?? maxLength), perCall: numberOf(o.maxArgs), perLines: numberOf(lines), runEmpty: !o.noRunIfEmpty })
      await runner.finish()
    } catch (error) {
      if (!(error instanceof Stop)) throw error
      return error.status
    }
    return runner.status
  },
})

/** The old options may stand alone. */
function orDefault(text: string | undefined, standard: string): string | undefined {
  return text === '' ? standard : text
}

function lengthProblem(most: string | undefined): string | undefined {
  return most !== undefined && Number(most) < 5 ? 'cannot fit single argument within argument list size limit' : undefined
}

function delimiterProblem(text: string | undefined): string | undefined {
  if (text === undefined || [...text].length === 1 || /^\\(?:[abfnrtv0\\]|x[0-9a-fA-F]{1,2}|[0-7]{1,3})$/.test(text)) return undefined
  const why = text.startsWith('\\') ? `Invalid escape sequence ${text} in input delimiter specification.` : `Invalid input delimiter specification ${text}: the delimiter must be either a single character or an escape sequence starting with \\.`
  return why
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text)
}

function numberProblem(o: { readonly maxArgs: string | undefined; readonly maxLines: string | undefined; readonly maxProcs: string | undefined }): string | undefined {
  for (const [value, name, least] of [[o.maxArgs, '-n', 1], [o.maxLines, '-L', 1], [o.maxProcs, '-P', 0]] as const) {
    if (value === undefined) continue
    if (!/^[+-]?\d+$/.test(value)) return `invalid number "${value}" for ${name} option`
    if (Number(value) < least) return `value ${value} for ${name} option should be >= ${least}`
  }
  return undefined
}

async function exclusive(process: Process, both: boolean, ignored: string): Promise<void> {
  if (both) await complain(process, `warning: options ${ignored} and --replace/-I/-i are mutually exclusive, ignoring previous ${ignored} value`)
}

interface Source {
  readonly file: string | undefined
  readonly null: boolean
  readonly delimiter: string | undefined
  readonly eof: string | undefined
}

/** An exit status where they cannot be read. */
async function readItems(process: Process, o: Source, lines: boolean): Promise<readonly Item[] | number> {
  let items: Item[] | string
  try {
    items = itemsOf(await readInputText(process, o.file ?? '-'), { null: o.null, delimiter: o.delimiter, lines, end: o.eof })
  } catch (error) {
    items = `Cannot open input file \u2018${o.file ?? ''}\u2019: ${reason(error)}`
  }
  if (typeof items !== 'string') return items
  await complain(process, items)
  return 1
}

export const xargsPrograms: readonly Program[] = [xargs]
