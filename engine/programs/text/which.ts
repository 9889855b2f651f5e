/** which. */
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { print } from '#engine/programs/common/gnu'
import { which as findProgram } from '#engine/programs/coreutils/running'

export const which: Program = {
  name: 'which',
  async run(process) {
    const args = process.argv.slice(1)
    const bad = args.find((arg) => /^-[^a]/.test(arg))
    if (bad !== undefined) {
      await process.stderr.write(`Illegal option ${bad}\nUsage: ${process.argv[0] ?? 'which'} [-as] args\n`)
      return 2
    }
    const names = args.filter((arg) => !arg.startsWith('-'))
    const found = names.map((name) => pathsOf(process, name, args.includes('-a')))
    await print(process, found.flat().map((path) => `${path}\n`).join(''))
    return names.length > 0 && found.every((paths) => paths.length > 0) ? 0 : 1
  },
}

function pathsOf(process: Process, name: string, all: boolean): string[] {
  if (!all && name.includes('/')) return process.files.exists(name) ? [name] : []
  const paths = all ? (process.env.get('PATH') ?? '').split(':').map((directory) => findProgram(process, name, directory)) : [findProgram(process, name)]
  return paths.filter((path) => path !== undefined)
}
