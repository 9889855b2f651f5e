/** vim 9.0: its screen on a terminal, ex mode in scripts. */
import { decodeLossless } from '#engine/base/lossless'
import type { Terminal } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { type Arguments, readArguments, version } from '#engine/programs/editors/vim/arguments'
import { readFile } from '#engine/programs/editors/vim/ex-files'
import { VimSession } from '#engine/programs/editors/vim/session'
import { Leave } from '#engine/programs/editors/vim/state'

function vimProgram(name: string): Program {
  return {
    name,
    async run(process) {
      const given = readArguments(process.argv.slice(1), process.argv[0]?.split('/').pop() ?? name)
      if (given.answer !== undefined) {
        await process.stdout.write(given.answer)
        return 0
      }
      if (given.unknown !== undefined) {
        await process.stderr.write(`${version}Unknown option argument: "${given.unknown}"\nMore info with: "vim -h"\n`)
        return 1
      }
      const terminal = process.descriptors().get(0)?.tty && process.descriptors().get(1)?.tty
      return given.ex && (given.silent || !terminal) ? batch(process, given) : onScreen(process, given, terminal)
    },
  }
}

async function onScreen(process: Process, given: Arguments, terminal: Terminal | undefined): Promise<number> {
  if (!terminal) await process.stderr.write('Vim: Warning: Output is not to a terminal\nVim: Warning: Input is not from a terminal\n')
  const session = new VimSession(process, terminal, false, () => undefined)
  try {
    await configure(process, session, given)
    await prepare(process, session, given)
    return terminal ? await session.interact() : 1
  } catch (error) {
    if (!(error instanceof Leave)) throw error
    return error.status
  }
}

/** Ex commands from standard input. */
async function batch(process: Process, given: Arguments): Promise<number> {
  let lines: string[] = []
  const session = new VimSession(process, undefined, true, () => lines.shift())
  const { vim } = session
  try {
    await configure(process, session, { ...given, rc: given.rc ?? 'NONE' })
    await prepare(process, session, given)
    lines = decodeLossless(await process.stdin.readAll()).replace(/\n$/, '').split('\n')
    for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
      const current = line
      await session.attempt(() => session.ex(current))
    }
    return vim.buffer.modified || vim.failed ? 1 : 0
  } catch (error) {
    if (!(error instanceof Leave)) throw error
    return error.status !== 0 ? error.status : vim.failed ? 1 : 0
  } finally {
    if (session.openLine) await process.stdout.write('\n')
  }
}

/** One's own vimrc, or where there is none vim's defaults, which know kinds of files. */
async function configure(process: Process, session: VimSession, { rc, before }: Arguments): Promise<void> {
  for (const command of before) await session.attempt(() => session.ex(command))
  if (rc !== undefined) {
    if (rc !== 'NONE' && rc !== 'NORC') await session.sourceFile(rc)
    return
  }
  const own = `${process.env.get('HOME') ?? '/root'}/.vimrc`
  await session.sourceFile('/etc/vim/vimrc')
  if (process.files.exists(own)) await session.sourceFile(own)
  else Object.assign(session.vim.fileTypes, { plugin: true, indent: true })
}

async function prepare(process: Process, session: VimSession, given: Arguments): Promise<void> {
  const { vim } = session
  vim.files = given.files
  vim.options.readonly = given.readonly
  const [first] = given.files
  if (first === '-') vim.buffer.load(decodeLossless(await process.stdin.readAll()))
  else if (first !== undefined) await open(session, first)
  for (const script of given.scripts) await session.sourceFile(script)
  for (const command of given.commands) await session.attempt(() => session.ex(command))
}

/** In a script the cursor begins on the last line, and a file that is not there is no failure. */
async function open(session: VimSession, path: string): Promise<void> {
  const { vim } = session
  await session.attempt(async () => readFile(vim, path))
  if (!vim.silent) return
  vim.failed = false
  vim.moveTo(vim.buffer.count - 1, 0)
}

export const vimPrograms: readonly Program[] = ['vim', 'vi', 'ex', 'view', 'vim.basic'].map(vimProgram)
