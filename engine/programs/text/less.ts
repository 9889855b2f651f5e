/** less; off a terminal it is cat. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { inputChunks, print, reason } from '#engine/programs/common/gnu'
import { Keyboard } from '#engine/programs/text/keyboard'
import { Less, type Settings } from '#engine/programs/text/less-screen'

function settingsOf(args: readonly string[]): Settings {
  const letters = args.filter((arg) => /^-[^-]/.test(arg)).map((arg) => arg.slice(1)).join('')
  const has = (letter: string, long: string): boolean => letters.includes(letter) || args.includes(`--${long}`)
  return {
    numbers: has('N', 'LINE-NUMBERS'),
    chop: has('S', 'chop-long-lines'),
    raw: has('R', 'RAW-CONTROL-CHARS') || has('r', 'raw-control-chars'),
    quitIfShort: has('F', 'quit-if-one-screen'),
    quitAtEnd: has('E', 'QUIT-AT-EOF') || has('e', 'quit-at-eof'),
    keepScreen: has('X', 'no-init'),
    ignoreCase: has('I', 'IGNORE-CASE') ? 'always' : has('i', 'ignore-case') ? 'smart' : 'no',
    start: args.filter((arg) => arg.startsWith('+')).map((arg) => arg.replace(/^\++/, '')),
  }
}

export const less: Program = {
  name: 'less',
  async run(process) {
    const args = process.argv.slice(1)
    if (args[0] === '--version' || args[0] === '-V') {
      await print(process, 'less 590 (GNU regular expressions)\n')
      return 0
    }
    const given = args.filter((arg) => !/^[-+]./.test(arg))
    const terminal = process.descriptors().get(1)?.tty
    if (given.length === 0 && process.descriptors().get(0)?.kind === 'tty') {
      await process.stderr.write('Missing filename ("less --help" for help)\n')
      return 1
    }
    const files = await readable(process, given.length > 0 ? given : ['-'])
    if (!terminal) return copy(process, files)
    if (files.length === 0) return 1
    const environment = process.env.get('LESS') ?? ''
    const fromEnvironment = environment === '' ? [] : [environment.startsWith('-') ? environment : `-${environment}`]
    return new Less(process, terminal, new Keyboard(process), files, settingsOf([...fromEnvironment, ...args])).run()
  },
}

/** Off a terminal it is cat. */
async function copy(process: Process, files: readonly string[]): Promise<number> {
  for (const file of files) for await (const piece of inputChunks(process, file)) await process.stdout.write(piece)
  return 0
}

async function readable(process: Process, names: readonly string[]): Promise<string[]> {
  const files: string[] = []
  for (const name of names) {
    try {
      if (name !== '-' && process.files.stat(name).type === 'directory') {
        await process.stderr.write(`${name} is a directory\n`)
        continue
      }
      files.push(name)
    } catch (error) {
      if (!isErrno(error)) throw error
      await process.stderr.write(`${name}: ${reason(error)}\n`)
    }
  }
  return files
}
