/** `:r`, `:!` and filters. */
import { decodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import { type Ex, type ExCommand, fileName, lineText } from '#engine/programs/editors/vim/ex-command'
import { VimError, type VimState } from '#engine/programs/editors/vim/state'

export const shellCommands: Readonly<Record<string, ExCommand>> = {
  read,
  '!': filter,
  shell: ({ host }) => host.show(''),
}

async function read(ex: Ex): Promise<void> {
  const { vim, host, range } = ex
  const text = ex.args.trim()
  const content = text.startsWith('!') ? await host.shell(withPath(vim, text.slice(1)), undefined) : contentOf(vim, text)
  const lines = content === '' ? [] : content.replace(/\n$/, '').split('\n')
  // In ex mode an empty buffer's one line makes way.
  const bare = vim.silent && vim.buffer.count === 1 && vim.buffer.line(0) === '' && lines.length > 0
  const at = bare || (range.given > 0 && range.to < 0) ? 0 : range.to + 1
  vim.buffer.splice(at, bare ? 1 : 0, lines)
  vim.moveTo(at, 0)
}

function contentOf(vim: VimState, text: string): string {
  try {
    return decodeLossless(vim.process.files.readFile(text === '' ? (vim.buffer.path ?? '') : fileName(vim, text)))
  } catch (error) {
    if (isErrno(error)) throw new VimError(`E484: Can't open file ${text}`)
    throw error
  }
}

/** `%` in a command is the file's name. */
function withPath(vim: VimState, command: string): string {
  return command.replace(/(?<!\\)%/g, vim.buffer.path ?? '').replace(/\\([%!])/g, '$1')
}

/** Lines go through a command; without lines its output is shown. */
async function filter({ vim, host, args, range }: Ex): Promise<void> {
  const command = withPath(vim, args)
  if (range.given === 0) return host.show(await host.shell(command, undefined))
  const out = await host.shell(command, lineText(vim, range))
  const lines = out === '' ? [] : out.replace(/\n$/, '').split('\n')
  vim.buffer.splice(range.from, range.to - range.from + 1, lines)
  if (range.to - range.from + 1 > 2) vim.message = `${range.to - range.from + 1} lines filtered`
  vim.moveTo(Math.min(range.from, vim.buffer.count - 1), 0)
}
