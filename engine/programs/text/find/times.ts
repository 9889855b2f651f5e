/** `-mtime`, `-mmin`, `-newer` and their like. */
import { quote } from '#engine/programs/common/gnu'
import { parseDate } from '#engine/programs/coreutils/date-parse'
import { numeric, sync } from '#engine/programs/text/find/comparing'
import type { FindContext, Node, Visit } from '#engine/programs/text/find/nodes'

const dayMs = 86_400_000
const minuteMs = 60_000

/** Undefined where the name is none of these; a string says what is wrong. */
export function timeTest(context: FindContext, name: string, argument: () => string): Node | string | undefined {
  const age = /^-([amc])(time|min)$/.exec(name)
  if (age) return ageTest(context, name, argument(), age[1] as string, age[2] === 'time')
  const newer = /^-newer(?:([acmB])([acmBt]))?$/.exec(name) ?? /^-([ac])newer$/.exec(name)
  if (!newer) return undefined
  const bound = boundOf(context, argument(), newer[2] ?? 'm')
  return typeof bound === 'string' ? bound : sync((visit) => timeOf(visit, newer[1] ?? 'm') > bound)
}

/** Days are whole ones; minutes are compared as they are. */
function ageTest({ process }: FindContext, name: string, text: string, which: string, days: boolean): Node | string {
  const test = numeric(text)
  if (!test) return `invalid argument \`${text}' to \`${name}'`
  const now = process.clock.now()
  if (days) return sync((visit) => test(Math.trunc((now - timeOf(visit, which)) / dayMs)))
  const age = (visit: Visit): number => (now - timeOf(visit, which)) / minuteMs
  return sync((visit) => (/^[-+]/.test(text) ? test(age(visit)) : Math.ceil(age(visit)) === Number(text)))
}

/** The time of another file, or one that is written out. */
function boundOf({ process }: FindContext, text: string, which: string): number | string {
  if (which === 't') return parseDate(text, process.clock.now(), 0) ?? `I cannot figure out how to interpret ${quote(process, text)} as a date or time`
  const stat = process.files.exists(text)
  if (!stat) return `${quote(process, text)}: No such file or directory`
  return which === 'a' ? stat.atimeMs : which === 'c' ? stat.ctimeMs : stat.mtimeMs
}

function timeOf({ stat }: Visit, letter: string): number {
  return letter === 'a' ? stat.atimeMs : letter === 'm' ? stat.mtimeMs : stat.ctimeMs
}
