/** GNU grep 3.8: grep, egrep, fgrep, rgrep, zgrep. */
import { encodeLossless } from '#engine/base/lossless'
import { UsageError } from '#engine/linux/abi/flags'
import type { Program } from '#engine/linux/abi/program'
import { complaintLine } from '#engine/programs/common/busybox'
import { PatternError } from '#engine/shell/patterns/posix'
import { type Kind, MissingPattern, readOptions, requestOf, Trouble } from '#engine/programs/text/grep/options'
import { GrepRun } from '#engine/programs/text/grep/run'

type Say = (text: string) => Promise<void>

interface Preset {
  readonly kind: Kind
  /** What it always does: rgrep goes into directories. */
  readonly always?: readonly string[]
  readonly zipped?: boolean
}

function grepProgram(name: string, preset: Preset): Program {
  return {
    name,
    async run(process) {
      const called = process.argv[0]?.split('/').pop() ?? name
      const shown = preset.zipped || (called === name && preset.kind !== 'basic') ? 'grep' : (process.argv[0] ?? name)
      const say: Say = (text) => process.stderr.write(encodeLossless(complaintLine(process, shown, text)))
      try {
        const { help, values, operands } = readOptions([...(preset.always ?? []), ...process.argv.slice(1)])
        if (help || values.version) {
          await process.stdout.write(help ? `Usage: ${called} [OPTION]... PATTERNS [FILE]...\nSearch for PATTERNS in each FILE.\nExample: ${called} -i 'hello world' menu.h main.c\n` : 'grep (GNU grep) 3.8\n')
          return 0
        }
        const request = requestOf(process, values, operands, preset.kind)
        return await new GrepRun(process, values, request, preset.zipped ?? false, say).run()
      } catch (error) {
        await complainOf(error, say, (text) => process.stderr.write(text), called)
        return 2
      }
    },
  }
}

async function complainOf(error: unknown, say: Say, write: Say, called: string): Promise<void> {
  if (error instanceof MissingPattern) return write(`Usage: ${called} [OPTION]... PATTERNS [FILE]...\nTry '${called} --help' for more information.\n`)
  if (error instanceof UsageError) return say(`${error.message}\nUsage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.`)
  if (!(error instanceof Trouble) && !(error instanceof PatternError)) throw error
  await say(error.message)
}

export const grepPrograms: readonly Program[] = [grepProgram('grep', { kind: 'basic' }), grepProgram('egrep', { kind: 'extended' }), grepProgram('fgrep', { kind: 'fixed' }), grepProgram('rgrep', { kind: 'basic', always: ['-r'] }), grepProgram('zgrep', { kind: 'basic', zipped: true })]
