/** Commands about files: writing, leaving, editing another one. */
import { decodeLossless, encodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import { type Ex, type ExCommand, fileName, linesOrAll, lineText } from '#engine/programs/editors/vim/ex-command'
import { Leave, VimError, type VimState } from '#engine/programs/editors/vim/state'

const notWritten = 'E37: No write since last change (add ! to override)'

export const fileCommands: Readonly<Record<string, ExCommand>> = {
  write: writeCommand,
  update: async (ex) => {
    if (ex.vim.buffer.modified) await writeCommand(ex)
  },
  wall: write,
  wq: writeAndLeave,
  wqall: writeAndLeave,
  xit: writeChangedAndLeave,
  exit: writeChangedAndLeave,
  xall: writeChangedAndLeave,
  quit: (ex) => quit(ex, notWritten),
  qall: quitAll,
  quitall: quitAll,
  cquit: ({ args }) => {
    throw new Leave(Number(args) || 1)
  },
  edit: editFile,
  enew: ({ vim, bang }) => {
    checkWritten(vim, bang)
    vim.buffer.path = undefined
    vim.buffer.load('')
  },
  file: ({ vim, args }) => {
    if (args !== '') vim.buffer.path = args
    else vim.message = `"${vim.buffer.path ?? '[No Name]'}"${vim.buffer.modified ? ' [Modified]' : ''} ${vim.buffer.count} line${vim.buffer.count === 1 ? '' : 's'}`
  },
  saveas: (ex) => {
    write(ex)
    ex.vim.buffer.path = fileName(ex.vim, ex.args)
    ex.vim.buffer.modified = false
  },
  argdo: inEachFile,
  bufdo: inEachFile,
  next: (ex) => otherFile(ex, 1),
  previous: (ex) => otherFile(ex, -1),
  Next: (ex) => otherFile(ex, -1),
}

function checkWritten(vim: VimState, bang: boolean, message = notWritten): void {
  if (vim.buffer.modified && !bang) throw new VimError(message)
}

function quit({ vim, bang }: Ex, message: string): never {
  checkWritten(vim, bang, message)
  throw new Leave(0)
}

function quitAll(ex: Ex): never {
  return quit(ex, `E37: No write since last change\nE162: No write since last change for buffer "${ex.vim.buffer.path ?? '[No Name]'}"`)
}

function writeAndLeave(ex: Ex): never {
  write(ex)
  throw new Leave(0)
}

function writeChangedAndLeave(ex: Ex): never {
  if (ex.vim.buffer.modified || ex.args !== '') write(ex)
  throw new Leave(0)
}

/** `:w !command` gives the lines to a command. */
async function writeCommand(ex: Ex): Promise<void> {
  const { vim, host, args } = ex
  if (!/^\s*!/.test(args)) return write(ex)
  await host.show(await host.shell(args.trim().slice(1).replace(/(?<!\\)%/g, vim.buffer.path ?? ''), lineText(vim, linesOrAll(ex))))
}

function write(ex: Ex): void {
  const { vim, range } = ex
  const append = /^>>\s*/.exec(ex.args)?.[0]
  const given = ex.args.slice(append?.length ?? 0).trim()
  const path = given === '' ? vim.buffer.path : fileName(vim, given)
  if (path === undefined || path === '') throw new VimError('E32: No file name')
  checkTarget(ex, path, given, append !== undefined)
  const chosen = linesOrAll(ex)
  const empty = vim.buffer.count === 1 && vim.buffer.line(0) === '' && range.given === 0
  const text = empty ? '' : lineText(vim, chosen)
  const isNew = vim.process.files.exists(path) === undefined
  save(vim, path, text, append !== undefined)
  vim.message = `"${path}"${isNew ? ' [New]' : ''} ${empty ? 0 : chosen.to - chosen.from + 1}L, ${encodeLossless(text).length}B ${append === undefined ? 'written' : 'appended'}`
  if (!isPartial(ex)) written(vim, path)
}

/** What is written under its own name, or is given its first, is no longer modified. */
function written(vim: VimState, path: string): void {
  vim.buffer.path ??= path
  if (path === vim.buffer.path) vim.buffer.modified = false
}

function isPartial({ vim, range }: Ex): boolean {
  return range.given > 0 && (range.from > 0 || range.to < vim.buffer.count - 1)
}

function checkTarget(ex: Ex, path: string, given: string, append: boolean): void {
  const { vim, bang } = ex
  if (bang) return
  if (isPartial(ex) && given === '') throw new VimError('E140: Use ! to write partial buffer')
  if (given !== '' && path !== vim.buffer.path && !append && vim.process.files.exists(path)) throw new VimError('E13: File exists (add ! to override)')
  if (vim.options.readonly) throw new VimError("E45: 'readonly' option is set (add ! to override)")
}

function save(vim: VimState, path: string, text: string, append: boolean): void {
  const { files } = vim.process
  try {
    if (append) files.appendFile(path, encodeLossless(text))
    else files.writeFile(path, encodeLossless(text), 0o666)
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new VimError(isErrno(error, 'EISDIR') ? `"${path}" E502: is a directory` : `"${path}" E212: Can't open file for writing`)
  }
}

/** Loads a file into the buffer; one that is not there is new. */
export function readFile(vim: VimState, path: string): void {
  vim.buffer.path = path
  vim.applyFileType()
  try {
    const stat = vim.process.files.exists(path)
    if (stat?.type === 'directory') throw new VimError(`"${path}" is a directory`)
    const text = stat ? decodeLossless(vim.process.files.readFile(path)) : ''
    vim.buffer.load(text)
    // A file that nobody may write is read-only to root too.
    if (stat) vim.options.readonly ||= (stat.mode & 0o222) === 0 || !vim.process.files.access(path, { write: true })
    vim.message = stat ? fileMessage(vim, path, text) : `"${path}" [New]`
  } catch (error) {
    if (isErrno(error)) throw new VimError(error.code === 'EACCES' ? `"${path}" [Permission Denied]` : `"${path}" ${error.message}`)
    throw error
  }
}

function fileMessage(vim: VimState, path: string, text: string): string {
  return `"${path}"${vim.options.readonly ? ' [readonly]' : ''}${vim.buffer.noNewline ? ' [noeol]' : ''} ${text === '' ? 0 : vim.buffer.count}L, ${encodeLossless(text).length}B`
}

function editFile({ vim, args, bang }: Ex): void {
  checkWritten(vim, bang)
  const path = args.trim() === '' ? vim.buffer.path : fileName(vim, args)
  if (path === undefined) throw new VimError('E32: No file name')
  vim.options.readonly = false
  readFile(vim, path)
  vim.moveTo(0, 0)
}

/** `:argdo` goes on to the next file only where this one is written. */
async function inEachFile({ vim, args, execute }: Ex): Promise<void> {
  for (const [index, path] of vim.files.entries()) {
    if (index > 0) checkWritten(vim, false)
    if (path !== vim.buffer.path) readFile(vim, path)
    vim.fileIndex = index
    vim.moveTo(0, 0)
    await execute(args)
  }
}

function otherFile({ vim, bang }: Ex, step: number): void {
  const next = vim.files[vim.fileIndex + step]
  if (next === undefined) throw new VimError(step > 0 ? 'E165: Cannot go beyond last file' : 'E164: Cannot go before first file')
  checkWritten(vim, bang)
  vim.fileIndex += step
  readFile(vim, next)
  vim.moveTo(0, 0)
}
