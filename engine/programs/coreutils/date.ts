/** date. */
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { choice } from '#engine/linux/abi/choices'
import { flag, type FlagValues, option, optional } from '#engine/linux/abi/flags'
import { complain, print, quote, readInputText, splitLines, usageFailure } from '#engine/programs/common/gnu'
import { attempt, fail } from '#engine/programs/common/operands'
import { parseDate } from '#engine/programs/coreutils/date-parse'
import { formatDate } from '#engine/shell/builtins/strftime'
import { zoneOf } from '#engine/programs/coreutils/timezone'

const isoChoices = [['hours'], ['minutes'], ['date'], ['seconds'], ['ns']]

const dateFlags = {
  date: option('-d', '--date'), debug: flag('--debug'), file: option('-f', '--file'), iso: choice(optional('-I', '--iso-8601'), isoChoices, { bare: 'date' }), reference: option('-r', '--reference'), resolution: flag('--resolution'), rfcEmail: flag('-R', '--rfc-email', '--rfc-822', '--rfc-2822'),
  rfc3339: choice(option('--rfc-3339'), [['date'], ['seconds'], ['ns']]), set: option('-s', '--set'), universal: flag('-u', '--utc', '--universal'),
} as const

type Given = FlagValues<typeof dateFlags> & { readonly operands: readonly string[] }
type Zone = ReturnType<typeof zoneOf>

const date = defineProgram({
  name: 'date',
  usage: '[OPTION]... [+FORMAT]',
  flags: dateFlags,
  async run(process, o) {
    const wrong = combinationProblem(o) ?? operandProblem(process, o)
    if (wrong !== undefined) return usageFailure(process, wrong)
    const [operand] = o.operands
    const format = operand?.startsWith('+') ? operand.slice(1) : undefined
    if (format !== undefined && (o.rfcEmail || o.iso !== undefined || o.rfc3339 !== undefined)) return fail(process, 'multiple output formats specified')
    const zone = o.universal ? { offset: 0, name: 'UTC' } : zoneOf(process.env.get('TZ'))
    if (o.set !== undefined || (operand !== undefined && format === undefined)) return setClock(process, o.set ?? (operand as string), zone, o.set === undefined)
    return show(process, o, zone, formatOf(o, format))
  },
})

function combinationProblem(o: Given): string | undefined {
  const chosen = [o.date, o.file, o.reference, o.resolution || undefined].filter((value) => value !== undefined).length
  if (chosen > 1) return 'the options to specify dates for printing are mutually exclusive'
  return chosen > 0 && o.set !== undefined ? 'the options to print and set the time may not be used together' : undefined
}

async function show(process: Process, o: Given, zone: Zone, format: string): Promise<number> {
  const say = (ms: number): Promise<void> => print(process, `${formatDate(format, ms, zone.offset, zone.name)}\n`)
  if (o.resolution) return print(process, format === defaultFormat ? '0.000000001\n' : `${formatDate(format, 0, zone.offset, zone.name)}\n`).then(() => 0)
  if (o.reference !== undefined) return Number(!(await attempt(process, o.reference, async (path) => say(process.files.stat(path).mtimeMs))))
  if (o.file === undefined) return eachDate(process, [o.date], zone, say)
  let status = 1
  await attempt(process, o.file, async (path) => void (status = await eachDate(process, splitLines(await readInputText(process, path)), zone, say)))
  return status
}

async function eachDate(process: Process, texts: readonly (string | undefined)[], zone: Zone, say: (ms: number) => Promise<void>): Promise<number> {
  let status = 0
  for (const text of texts) {
    const ms = text === undefined ? process.clock.now() : parseDate(text, process.clock.now(), zoneIn(text)?.offset ?? zone.offset)
    if (ms === undefined || Number.isNaN(ms)) status = await fail(process, `invalid date ${quote(process, text ?? '')}`)
    else await say(ms)
  }
  return status
}

/** `TZ="..."` in front of a date is the zone it is read in. */
function zoneIn(text: string): { offset: number; name: string } | undefined {
  const zone = /^\s*TZ="([^"]*)"/.exec(text)?.[1]
  return zone === undefined ? undefined : zoneOf(zone)
}

/** One format or one time to set; the second operand is too much. */
function operandProblem(process: Process, o: Given): string | undefined {
  const [first, second] = o.operands
  if (second !== undefined) return `extra operand ${quote(process, second)}`
  if (first === undefined || first.startsWith('+') || (o.date === undefined && o.file === undefined && o.set === undefined && o.reference === undefined)) return undefined
  return `the argument ${quote(process, first)} lacks a leading '+';\nwhen using an option to specify date(s), any non-option\nargument must be a format string beginning with '+'`
}

const defaultFormat = '%a %b %e %H:%M:%S %Z %Y'

const isoForms: Readonly<Record<string, string>> = { date: '%Y-%m-%d', hours: '%Y-%m-%dT%H%:z', minutes: '%Y-%m-%dT%H:%M%:z', seconds: '%Y-%m-%dT%H:%M:%S%:z', ns: '%Y-%m-%dT%H:%M:%S,%N%:z' }
const rfcForms: Readonly<Record<string, string>> = { date: '%Y-%m-%d', seconds: '%Y-%m-%d %H:%M:%S%:z', ns: '%Y-%m-%d %H:%M:%S.%N%:z' }

function formatOf(options: { iso: string | undefined; rfcEmail: boolean; rfc3339: string | undefined }, given: string | undefined): string {
  if (given !== undefined) return given
  if (options.rfcEmail) return '%a, %d %b %Y %H:%M:%S %z'
  if (options.iso !== undefined) return isoForms[options.iso] as string
  if (options.rfc3339 !== undefined) return rfcForms[options.rfc3339] as string
  return defaultFormat
}

/** The virtual clock belongs to the whole simulation: it is not set from inside. */
async function setClock(process: Process, text: string, zone: { offset: number; name: string }, stamp: boolean): Promise<number> {
  if (stamp && !/^\d{8}(\d\d(\d\d)?)?(\.\d\d)?$/.test(text)) {
    await complain(process, `invalid date ${quote(process, text)}`)
    return 1
  }
  const ms = parseDate(text, process.clock.now(), zone.offset)
  if (!stamp && ms === undefined) {
    await complain(process, `invalid date ${quote(process, text)}`)
    return 1
  }
  await complain(process, 'cannot set date: Operation not permitted')
  if (ms !== undefined) await print(process, `${formatDate(defaultFormat, ms, zone.offset, zone.name)}\n`)
  return 1
}

export const datePrograms: readonly Program[] = [date]
