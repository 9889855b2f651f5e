/** GNU sed 4.9. */
import { encodeLossless } from '#engine/base/lossless'
import { flag, list, optional, option, parseFlags, UsageError } from '#engine/linux/abi/flags'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { complaintLine } from '#engine/programs/common/busybox'
import { SedError } from '#engine/programs/text/sed/commands'
import { parseSed } from '#engine/programs/text/sed/parser'
import { SedRun } from '#engine/programs/text/sed/run'
import { scriptParts } from '#engine/programs/text/sed/script'
import { bugs, usage, version } from '#engine/programs/text/sed/usage.table'

const flags = {
  silent: flag('-n', '--quiet', '--silent'), debug: flag('--debug'), expression: list('-e', '--expression'), file: list('-f', '--file'), extended: flag('-E', '-r', '--regexp-extended'), inPlace: optional('-i', '--in-place'), lineLength: option('-l', '--line-length'), posix: flag('--posix'),
  separate: flag('-s', '--separate'), sandbox: flag('--sandbox'), unbuffered: flag('-u', '--unbuffered'), nullData: flag('-z', '--null-data'), followSymlinks: flag('--follow-symlinks'), binary: flag('-b', '--binary'),
} as const

export const sed: Program = {
  name: 'sed',
  async run(process) {
    const say = (text: string): Promise<void> => process.stderr.write(encodeLossless(complaintLine(process, process.argv[0] ?? 'sed', text)))
    try {
      return await script(process, say)
    } catch (error) {
      if (error instanceof UsageError) {
        if (error.message !== '') await say(error.message)
        await process.stderr.write(usage)
        return 1
      }
      if (!(error instanceof SedError)) throw error
      await say(error.message)
      return error.exit
    }
  },
}

async function script(process: Process, say: (text: string) => Promise<void>): Promise<number> {
  const parsed = parseFlags(flags, process.argv.slice(1), false)
  if (parsed.help || parsed.version) {
    await process.stdout.write(parsed.help ? usage + bugs : version)
    return 0
  }
  if (parsed.values.debug) throw new SedError('--debug is not supported here', 4)
  const operands = [...parsed.operands]
  const parts = await scriptParts(process, operands)
  if (!parts) throw new UsageError('')
  const { commands, silent } = parseSed(parts, parsed.values.extended, parsed.values.sandbox)
  return new SedRun(process, commands, { ...parsed.values, silent: parsed.values.silent || silent }, say).run(operands.length > 0 ? operands : ['-'])
}

export const sedPrograms: readonly Program[] = [sed]
