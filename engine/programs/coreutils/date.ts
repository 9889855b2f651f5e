/** date. */
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { choice } from '#engine/linux/abi/choices'
import { flag, option, optional } from '#engine/linux/abi/flags'
import { complain, print, quote, quoteName, readInputText, reason, splitLines, usageFailure } from '#engine/programs/common/gnu'
import { parseDate } from '#engine/programs/coreutils/date-parse'
import { formatDate } from '#engine/shell/builtins/strftime'
import { zoneOf } from '#engine/programs/coreutils/timezone'

const isoChoices = [['hours'], ['minutes'], ['date'], ['seconds'], ['ns']]

const date = defineProgram({
  name: 'date',
  flags: { date: option('-d', '--date'), debug: flag('--debug'), file: option('-f', '--file'), iso: choice(optional('-I', '--iso-8601'), isoChoices, { bare: 'date' }), rfcEmail: flag('-R', '--rfc-email', '--rfc-2822'), rfc3339: choice(option('--rfc-3339'), [['date'], ['seconds'], ['ns']]), reference: option('-r', '--reference'), set: option('-s', '--set'), universal: flag('-u', '--utc', '--universal'), resolution: flag('--resolution') },
  async run(process, options) {
    const formats = options.operands.filter((operand) => operand.startsWith('+'))
    const other = options.operands.find((operand) => !operand.startsWith('+'))
    const zone = options.universal ? { offset: 0, name: 'UTC' } : zoneOf(process.env.get('TZ'))
    const extra = operandProblem(options)
    if (extra !== undefined) return usageFailure(process, `extra operand ${quote(process, extra)}`)
    if (formats.length > 1) return usageFailure(process, `extra operand ${quote(process, formats[1] as string)}`)
    if (other !== undefined && (options.date !== undefined || options.file !== undefined)) return usageFailure(process, `the argument ${quote(process, other)} lacks a leading '+';\nwhen using an option to specify date(s), any non-option\nargument must be a format string beginning with '+'`)
    if (options.set !== undefined || other !== undefined) return setClock(process, options.set ?? (other as string), zone, options.set === undefined)
    const format = formatOf(options, formats[0])
    const texts = options.file !== undefined ? splitLines(await readInputText(process, options.file)) : [options.date]
    let status = 0
    for (const text of texts) {
      let ms: number | undefined
      if (options.reference !== undefined) {
        try {
          ms = process.files.stat(options.reference).mtimeMs
        } catch (error) {
          await complain(process, `${options.reference}: ${reason(error)}`)
          return 1
        }
      } else ms = text === undefined ? process.clock.now() : parseDate(text, process.clock.now(), zoneIn(text)?.offset ?? zone.offset)
      if (ms === undefined || Number.isNaN(ms)) {
        await complain(process, `invalid date ${quote(process, text as string)}`)
        status = 1
        continue
      }
      await print(process, `${formatDate(format, ms, zone.offset, zone.name)}\n`)
    }
    return status
  },
})

/** `TZ="..."` in front of a date is the zone it is read in. */
function zoneIn(text: string): { offset: number; name: string } | undefined {
  const zone = /^\s*TZ="([^"]*)"/.exec(text)?.[1]
  return zone === undefined ? undefined : zoneOf(zone)
}

/** One format or one time to set; the second operand is too much. */
function operandProblem(o: { readonly operands: readonly string[] }): string | undefined {
  return o.operands.length > 1 ? o.operands[1] : undefined
}

const isoForms: Readonly<Record<string, string>> = { date: '%Y-%m-%d', hours: '%Y-%m-%dT%H%:z', minutes: '%Y-%m-%dT%H:%M%:z', seconds: '%Y-%m-%dT%H:%M:%S%:z', ns: '%Y-%m-%dT%H:%M:%S,%N%:z' }
const rfcForms: Readonly<Record<string, string>> = { date: '%Y-%m-%d', seconds: '%Y-%m-%d %H:%M:%S%:z', ns: '%Y-%m-%d %H:%M:%S.%N%:z' }

function formatOf(options: { iso: string | undefined; rfcEmail: boolean; rfc3339: string | undefined }, given: string | undefined): string {
  if (given !== undefined) return given.slice(1)
  if (options.rfcEmail) return '%a, %d %b %Y %H:%M:%S %z'
  if (options.iso !== undefined) return isoForms[options.iso] as string
  if (options.rfc3339 !== undefined) return rfcForms[options.rfc3339] as string
  return '%a %b %e %H:%M:%S %Z %Y'
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
  if (ms !== undefined) await print(process, `${formatDate('%a %b %e %H:%M:%S %Z %Y', ms, zone.offset, zone.name)}\n`)
  return 1
}

export { quoteName }
export const datePrograms: readonly Program[] = [date]
