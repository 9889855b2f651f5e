/** tee. */
import type { OpenFile } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { choice } from '#engine/linux/abi/choices'
import { flag, optional } from '#engine/linux/abi/flags'
import { inputChunks } from '#engine/programs/common/gnu'
import { attempt, forEachOperand } from '#engine/programs/common/operands'

interface Target {
  readonly name: string
  readonly file: OpenFile
}

const tee = defineProgram({
  name: 'tee',
  flags: { append: flag('-a', '--append'), ignoreInterrupts: flag('-i', '--ignore-interrupts'), diagnose: flag('-p'), outputError: choice(optional('--output-error'), [['warn'], ['warn-nopipe'], ['exit'], ['exit-nopipe']], { bare: 'warn-nopipe' }) },
  async run(process, { append, ignoreInterrupts, operands }) {
    if (ignoreInterrupts) process.handle('SIGINT', 'ignore')
    const targets: Target[] = []
    const opened = await forEachOperand(process, operands, async (name) => void targets.push({ name, file: process.files.open(name, { write: true, create: true, append, truncate: !append }, 0o666) }))
    try {
      const written = await pour(process, targets)
      return opened || written
    } finally {
      for (const { file } of targets) file.release()
    }
  },
})

async function pour(process: Process, targets: readonly Target[]): Promise<number> {
  let status = 0
  for await (const chunk of inputChunks(process, '-')) {
    await process.stdout.write(chunk)
    for (const { name, file } of targets) if (!(await attempt(process, name, () => file.write(chunk)))) status = 1
  }
  return status
}

export const teePrograms: readonly Program[] = [tee]
