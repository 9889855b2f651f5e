/** vim 9.0: its screen on a terminal, ex mode in scripts. */
import { decodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { readFile } from '#engine/programs/editors/vim/ex'
import { VimSession } from '#engine/programs/editors/vim/session'
import { Leave } from '#engine/programs/editors/vim/state'

interface Arguments {
  readonly files: string[]
  readonly before: string[]
  readonly commands: string[]
  readonly scripts: string[]
  ex: boolean
  silent: boolean
  readonly: boolean
  rc: string | undefined
}

function parse(process: Process, called: string): Arguments | string {
  const out: Arguments = { files: [], before: [], commands: [], scripts: [], ex: called === 'ex', silent: false, readonly: called === 'view', rc: undefined }
  const args = process.argv.slice(1)
  let plain = false
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string
    if (plain || !/^[-+]./.test(arg)) out.files.push(arg)
    else if (arg === '--') plain = true
    else if (arg.startsWith('+')) out.commands.push(arg === '+' ? '$' : arg.slice(1))
    else if (arg === '--version') return 'VIM - Vi IMproved 9.0 (2022 Jun 28, compiled May 04 2023 10:24:44)\n'
    else if (arg === '--help' || arg === '-h') return 'VIM - Vi IMproved 9.0 (2022 Jun 28, compiled May 04 2023 10:24:44)\n\nUsage: vim [arguments] [file ..]       edit specified file(s)\n'
    else if (arg === '--cmd') out.before.push(args[++i] ?? '')
    else if (arg === '-c') out.commands.push(args[++i] ?? '')
    else if (arg === '-S') out.scripts.push(args[++i] ?? 'Session.vim')
    else if (arg === '-u') out.rc = args[++i] ?? 'NONE'
    else if (/^-[ion]\d*$/.test(arg) || arg === '-N' || arg === '-T' || arg === '--noplugin' || arg === '--clean') i += arg === '-T' || arg === '-i' ? 1 : 0
    else {
      for (let at = 1; at < arg.length; at++) {
        const letter = arg.charAt(at)
        if (letter === 'e' || letter === 'E') out.ex = true
        else if (letter === 's') out.silent = true
        else if (letter === 'R' || letter === 'M') out.readonly = true
        else if (letter === 'c') {
          out.commands.push(arg.slice(at + 1) || (args[++i] ?? ''))
          break
        } else if (letter === 'u') {
          out.rc = arg.slice(at + 1) || (args[++i] ?? 'NONE')
          break
        }
      }
    }
  }
  return out
}

function vimProgram(name: string): Program {
  return {
    name,
    async run(process) {
      const parsed = parse(process, process.argv[0]?.split('/').pop() ?? name)
      if (typeof parsed === 'string') {
        await process.stdout.write(parsed)
        return 0
      }
      const terminal = process.descriptors().get(0)?.tty && process.descriptors().get(1)?.tty
      const batch = (parsed.ex && parsed.silent) || (parsed.ex && !terminal)
      if (!batch && !terminal) await process.stderr.write(`Vim: Warning: Output is not to a terminal\nVim: Warning: Input is not from a terminal\n`)
      let lines: string[] = []
      const session = new VimSession(process, batch ? undefined : terminal, batch, () => lines.shift())
      try {
        await prepare(process, session, parsed, batch)
        if (!batch && terminal) return await session.interact()
        if (!batch) return 1
        lines = decodeLossless(await process.stdin.readAll()).split('\n')
        if (lines[lines.length - 1] === '') lines.pop()
        for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
          const current = line
          await session.attempt(() => session.ex(current))
        }
        return session.vim.buffer.modified || session.vim.failed ? 1 : 0
      } catch (error) {
        if (!(error instanceof Leave)) throw error
        return error.status !== 0 ? error.status : batch && session.vim.failed ? 1 : 0
      }
    },
  }
}

async function prepare(process: Process, session: VimSession, parsed: Arguments, batch: boolean): Promise<void> {
  const { vim } = session
  for (const command of parsed.before) await session.attempt(() => session.ex(command))
  if (parsed.rc !== undefined) {
    if (parsed.rc !== 'NONE' && parsed.rc !== 'NORC') await session.sourceFile(parsed.rc)
  } else if (!batch) {
    await session.sourceFile('/etc/vim/vimrc')
    await session.sourceFile(`${process.env.get('HOME') ?? '/root'}/.vimrc`)
  }
  vim.files = parsed.files
  vim.options.readonly = parsed.readonly
  const [first] = parsed.files
  if (first !== undefined && first !== '-') {
    await session.attempt(async () => {
      await Promise.resolve()
      readFile(vim, first)
    })
    if (batch) {
      vim.failed = false
      vim.moveTo(vim.buffer.count - 1, 0)
    }
  } else if (first === '-') vim.buffer.load(decodeLossless(await process.stdin.readAll()))
  for (const script of parsed.scripts) await session.sourceFile(script)
  for (const command of parsed.commands) await session.attempt(() => session.ex(command))
}

export { isErrno }
export const vimPrograms: readonly Program[] = ['vim', 'vi', 'ex', 'view', 'vim.basic'].map(vimProgram)
