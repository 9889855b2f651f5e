/** sleep, and the durations that it and timeout read. */
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { complain, programName, quote, usageFailure } from '#engine/programs/common/gnu'

/** `5`, `1.5m`, `2h`; undefined where it is no duration. */
export function parseDuration(text: string): number | undefined {
  if (text === 'infinity' || text === 'inf') return Infinity
  const match = /^\s*\+?(\d*\.?\d*(?:[eE][-+]?\d+)?)([smhd]?)$/.exec(text)
  if (!match || match[1] === '' || match[1] === '.') return undefined
  const units: Readonly<Record<string, number>> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
  return Number(match[1]) * (units[match[2] ?? ''] ?? 1000)
}

const sleep = defineProgram({
  name: 'sleep',
  usage: 'NUMBER[SUFFIX]...',
  flags: {},
  async run(process, { operands }) {
    if (operands.length === 0) return usageFailure(process, 'missing operand')
    let total = 0
    let bad = false
    for (const text of operands) {
      const ms = parseDuration(text)
      if (ms === undefined) {
        await complain(process, `invalid time interval ${quote(process, text)}`)
        bad = true
      } else total += ms
    }
    if (bad) {
      await process.stderr.write(`Try '${programName(process)} --help' for more information.\n`)
      return 1
    }
    if (total === Infinity) await new Promise(() => undefined)
    await process.clock.sleep(total)
    return 0
  },
})

export const sleepPrograms: readonly Program[] = [sleep]
