/** shred: overwrites, and with -u removes. The disk is a tree in memory, so once is as good as thrice. */
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option, optional } from '#engine/linux/abi/flags'
import { choice } from '#engine/linux/abi/choices'
import { complain, quote, reason, usageFailure } from '#engine/programs/common/gnu'
import { quoteIfNeeded } from '#engine/programs/common/quoting'
import { baseName } from '#engine/programs/coreutils/paths'

const shred = defineProgram({
  name: 'shred',
  usage: '[OPTION]... FILE...',
  flags: { force: flag('-f', '--force'), passes: option('-n', '--iterations'), size: option('-s', '--size'), removeShort: flag('-u'), remove: choice(optional('--remove'), [['unlink'], ['wipe'], ['wipesync']], { bare: 'wipesync' }), verbose: flag('-v', '--verbose'), exact: flag('-x', '--exact'), zero: flag('-z', '--zero') },
  async run(process, o) {
    if (o.passes !== undefined && !/^\d+$/.test(o.passes)) return complain(process, `invalid number of passes: ${quote(process, o.passes)}`).then(() => 1)
    if (o.operands.length === 0) return usageFailure(process, 'missing file operand')

    let status = 0
    for (const path of o.operands) if (!(await shredOne(process, path, Number(o.passes ?? 3), { zero: o.zero, verbose: o.verbose, remove: o.removeShort || o.remove !== undefined }))) status = 1
    return status
  },
})

async function shredOne(process: Process, path: string, passes: number, o: { zero: boolean; verbose: boolean; remove: boolean }): Promise<boolean> {
  const say = (text: string): Promise<void> => (o.verbose ? complain(process, `${quoteIfNeeded(path)}: ${text}`) : Promise.resolve())
  try {
    const { size } = process.files.stat(path)
    process.files.writeFile(path, o.zero ? new Uint8Array(size) : process.random.bytes(size))
    const all = passes + Number(o.zero)
    for (let pass = 1; pass <= passes; pass++) await say(`pass ${pass}/${all} (random)...`)
    if (o.zero) await say(`pass ${all}/${all} (000000)...`)
    if (o.remove) await remove(process, path, say)
    return true
  } catch (error) {
    await complain(process, `${quoteIfNeeded(path)}: failed to open for writing: ${reason(error)}`)
    return false
  }
}

/** The name is wiped first: zeros, fewer each time. */
async function remove(process: Process, path: string, say: (text: string) => Promise<void>): Promise<void> {
  await say('removing')
  const name = baseName(path)
  let at = path
  for (let length = name.length; length > 0; length--) {
    const next = path.slice(0, path.length - name.length) + '0'.repeat(length)
    process.files.rename(at, next)
    await say(`renamed to ${next}`)
    at = next
  }
  process.files.unlink(at)
  await say('removed')
}

export const shredPrograms: readonly Program[] = [shred]
