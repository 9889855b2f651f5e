/** mkfifo, mknod. */
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { quote, quoteName, usageFailure } from '#engine/programs/common/gnu'
import { attempt, fail, forEachOperand } from '#engine/programs/common/operands'
import { changeMode } from '#engine/programs/coreutils/modes'

const modeFlags = { mode: option('-m', '--mode'), context: flag('-Z') } as const

/** Undefined where the text is no mode. */
function modeOf(process: Process, mode: string | undefined): number | undefined {
  return mode === undefined ? 0o666 : changeMode(mode, 0o666, false, process.umask())
}

const mkfifo = defineProgram({
  name: 'mkfifo',
  usage: '[OPTION]... NAME...',
  flags: modeFlags,
  async run(process, { mode, operands }) {
    if (operands.length === 0) return usageFailure(process, 'missing operand')
    const bits = modeOf(process, mode)
    if (bits === undefined) return fail(process, 'invalid mode')
    return forEachOperand(process, operands, async (path) => make(process, path, mode, () => process.files.mkfifo(path, bits)), (path, why) => `cannot create fifo ${quoteName(path)}: ${why}`)
  },
})

/** A mode that was asked for is not cut by the umask. */
async function make(process: Process, path: string, mode: string | undefined, work: () => void): Promise<void> {
  work()
  if (mode !== undefined) process.files.chmod(path, modeOf(process, mode) as number)
}

const mknod = defineProgram({
  name: 'mknod',
  usage: '[OPTION]... NAME TYPE [MAJOR MINOR]',
  flags: modeFlags,
  async run(process, { mode, operands }) {
    const wrong = operandProblem(process, operands)
    if (wrong !== undefined) return usageFailure(process, wrong)
    const [path = '', type = '', major = '', minor = ''] = operands
    const bits = modeOf(process, mode)
    if (bits === undefined) return fail(process, 'invalid mode')
    if (type !== 'p') {
      const bad = ([['major', major], ['minor', minor]] as const).find(([, text]) => !/^(0x[\da-f]+|\d+)$/i.test(text))
      if (bad) return fail(process, `invalid ${bad[0]} device number ${quote(process, bad[1])}`)
    }
    const create = (): void => (type === 'p' ? process.files.mkfifo(path, bits) : process.files.mknod(path, type === 'b' ? 'block' : 'character', Number(major), Number(minor), bits))
    return Number(!(await attempt(process, path, async () => make(process, path, mode, create))))
  },
})

function operandProblem(process: Process, [path, type, major, minor, extra]: readonly string[]): string | undefined {
  if (path === undefined) return 'missing operand'
  if (type === undefined) return `missing operand after ${quote(process, path)}`
  if (type === 'p') return major === undefined ? undefined : `extra operand ${quote(process, major)}${minor !== undefined && extra === undefined ? '\nFifos do not have major and minor device numbers.' : ''}`
  if (minor === undefined) return `missing operand after ${quote(process, major ?? type)}${major === undefined ? '\nSpecial files require major and minor device numbers.' : ''}`
  if (extra !== undefined) return `extra operand ${quote(process, extra)}`
  return ['b', 'c', 'u'].includes(type) ? undefined : `invalid device type ${quote(process, type)}`
}

export const specialFilePrograms: readonly Program[] = [mkfifo, mknod]
