/** Ex commands. */
import { decodeLossless, encodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import { parseRange, type Range } from '#engine/programs/editors/vim/ex-range'
import { substitute } from '#engine/programs/editors/vim/ex-substitute'
import { indentColumns, indentText, setOption, shiftLine } from '#engine/programs/editors/vim/options'
import { vimRegExp } from '#engine/programs/editors/vim/pattern'
import { firstNonBlank } from '#engine/programs/editors/vim/motions'
import { undo } from '#engine/programs/editors/vim/undo'
import { Leave, OutOfKeys, VimError, type VimState } from '#engine/programs/editors/vim/state'

export interface ExHost {
  /** Runs keys as if typed in normal mode. */
  normal(keys: string): Promise<void>
  /** A command's output, with the text given as its input. */
  shell(command: string, input: string | undefined): Promise<string>
  /** More lines of a script in silent mode: the text of `a`, `i`, `c`. */
  inputLine(): string | undefined
  show(text: string): Promise<void>
}

/** Long names by what may stand for them. */
const names: readonly (readonly [least: string, full: string])[] = [
  ['w', 'write'], ['wq', 'wq'], ['wa', 'wall'], ['wqa', 'wqall'], ['x', 'xit'], ['xa', 'xall'], ['exi', 'exit'], ['q', 'quit'], ['qa', 'qall'], ['quita', 'quitall'], ['cq', 'cquit'], ['e', 'edit'], ['ene', 'enew'], ['r', 'read'], ['d', 'delete'], ['y', 'yank'], ['pu', 'put'], ['m', 'move'], ['t', 't'], ['co', 'copy'], ['j', 'join'], ['s', 'substitute'], ['g', 'global'], ['v', 'vglobal'], ['se', 'set'], ['setl', 'setlocal'], ['norm', 'normal'], ['u', 'undo'], ['red', 'redo'], ['noh', 'nohlsearch'], ['a', 'append'], ['i', 'insert'], ['c', 'change'], ['p', 'print'], ['P', 'Print'], ['nu', 'number'], ['k', 'k'], ['ma', 'mark'],
  ['ret', 'retab'], ['sor', 'sort'], ['le', 'left'], ['f', 'file'], ['n', 'next'], ['prev', 'previous'], ['N', 'Next'], ['sy', 'syntax'], ['syn', 'syntax'], ['filet', 'filetype'], ['colo', 'colorscheme'], ['let', 'let'], ['ec', 'echo'], ['sil', 'silent'], ['au', 'autocmd'], ['aug', 'augroup'], ['nn', 'nnoremap'], ['no', 'noremap'], ['map', 'map'], ['nm', 'nmap'], ['im', 'imap'], ['ino', 'inoremap'], ['vn', 'vnoremap'], ['vm', 'vmap'], ['h', 'help'], ['up', 'update'], ['sh', 'shell'], ['star', 'startinsert'], ['stopi', 'stopinsert'], ['hi', 'highlight'], ['so', 'source'], ['ru', 'runtime'], ['if', 'if'], ['en', 'endif'], ['pw', 'pwd'], ['cd', 'cd'], ['reg', 'registers'], ['di', 'display'], ['marks', 'marks'], ['exe', 'execute'], ['un', 'unmap'], ['pa', 'packadd'],
]

export async function execute(vim: VimState, host: ExHost, line: string): Promise<void> {
  const { range, rest } = parseRange(vim, line)
  if (rest === '' || rest.startsWith('"')) {
    if (range.given > 0) vim.moveTo(Math.max(0, range.to), firstNonBlank(vim.buffer.line(Math.max(0, range.to))))
    return
  }
  const { name, bang, args } = commandName(rest)
  if (!takesBar(name)) return run(vim, host, name, bang, args, range)
  const parts = splitBar(name, args)
  await run(vim, host, name, bang, parts[0] as string, range)
  if (parts[1] !== undefined) await execute(vim, host, parts[1])
}

function commandName(text: string): { name: string; bang: boolean; args: string } {
  const symbol = /^([!&<>=~@#*]+)\s*(.*)$/s.exec(text)
  if (symbol && !text.startsWith('!')) return { name: (symbol[1] as string).charAt(0), bang: false, args: `${(symbol[1] as string).slice(1)}${symbol[2] as string}` }
  if (text.startsWith('!')) return { name: '!', bang: false, args: text.slice(1) }
  const special = /^(s|g|v|substitute|global|vglobal)(!?)(?=[^\w\s"|!]|$)(.*)$/s.exec(text)
  if (special) return { name: resolve(special[1] as string), bang: special[2] === '!', args: special[3] as string }
  const mark = /^k([a-zA-Z])\s*$/.exec(text)
  if (mark) return { name: 'k', bang: false, args: mark[1] as string }
  const short = /^(d|y|m|t|j|co|u|r|w|e)(?=[\d$.'+/-])(.*)$/s.exec(text)
  if (short) return { name: resolve(short[1] as string), bang: false, args: short[2] as string }
  const match = /^([A-Za-z]+)(!?)\s*(.*)$/s.exec(text)
  if (!match) throw new VimError(`E492: Not an editor command: ${text}`)
  const full = names.find(([least, name]) => name.startsWith(match[1] as string) && (match[1] as string).length >= least.length) ?? names.find(([least]) => least === match[1])
  if (!full) throw new VimError(`E492: Not an editor command: ${text}`)
  return { name: full[1], bang: match[2] === '!', args: match[3] as string }
}

function resolve(name: string): string {
  return names.find(([least, full]) => least === name || full === name)?.[1] ?? name
}

/** Commands that take `|` as part of their argument. */
function takesBar(name: string): boolean {
  return !['global', 'vglobal', 'normal', '!', 'autocmd', 'nnoremap', 'noremap', 'map', 'nmap', 'imap', 'inoremap', 'vnoremap', 'vmap', 'append', 'insert', 'change'].includes(name)
}

function splitBar(name: string, args: string): [string, string | undefined] {
  if ((name === 'read' || name === 'write') && /^\s*!/.test(args)) return [args, undefined]
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '\\') i++
    else if (args[i] === '|') return [args.slice(0, i).trimEnd(), args.slice(i + 1)]
  }
  return [args, undefined]
}

async function run(vim: VimState, host: ExHost, name: string, bang: boolean, args: string, range: Range): Promise<void> {
  if (await fileCommand(vim, host, name, bang, args, range)) return
  vim.buffer.begin(vim.cursor)
  try {
    if (!(await textCommand(vim, host, name, bang, args, range))) await otherCommand(vim, host, name, args, bang)
  } finally {
    if (!inGlobal) vim.buffer.end()
    vim.clamp()
  }
}

let inGlobal = 0

async function fileCommand(vim: VimState, host: ExHost, name: string, bang: boolean, args: string, range: Range): Promise<boolean> {
  switch (name) {
    case 'write': case 'update':
      if (/^\s*!/.test(args)) await host.show(await host.shell(args.trim().slice(1), lineText(vim, range.given > 0 ? range : whole(vim))))
      else if (name === 'write' || vim.buffer.modified) write(vim, args, bang, range)
      return true
    case 'wall': write(vim, '', bang, range); return true
    case 'wq': case 'wqall':
      write(vim, args, bang, range)
      throw new Leave(0)
    case 'xit': case 'exit': case 'xall':
      if (vim.buffer.modified || args !== '') write(vim, args, bang, range)
      throw new Leave(0)
    case 'quit': case 'qall': case 'quitall':
      if (vim.buffer.modified && !bang) throw new VimError(name === 'quit' ? 'E37: No write since last change (add ! to override)' : `E37: No write since last change\nE162: No write since last change for buffer "${vim.buffer.path ?? '[No Name]'}"`)
      throw new Leave(0)
    case 'cquit': throw new Leave(Number(args) || 1)
    case 'edit': edit(vim, args, bang); return true
    case 'enew':
      if (vim.buffer.modified && !bang) throw new VimError('E37: No write since last change (add ! to override)')
      vim.buffer.path = undefined
      vim.buffer.load('')
      return true
    case 'file':
      if (args !== '') vim.buffer.path = args
      else vim.message = `"${vim.buffer.path ?? '[No Name]'}"${vim.buffer.modified ? ' [Modified]' : ''} ${vim.buffer.count} line${vim.buffer.count === 1 ? '' : 's'}`
      return true
    case 'next': case 'previous': case 'Next': nextFile(vim, name === 'next' ? 1 : -1, bang); return true
    default: return false
  }
}

function whole(vim: VimState): Range {
  return { from: 0, to: vim.buffer.count - 1, given: 2 }
}

function lineText(vim: VimState, range: Range): string {
  return vim.buffer.lines.slice(range.from, range.to + 1).map((line) => `${line}\n`).join('')
}

function write(vim: VimState, args: string, bang: boolean, range: Range): void {
  const append = /^>>\s*/.exec(args)
  const given = (append ? args.slice(append[0].length) : args).trim()
  const path = given === '' || given === '%' ? vim.buffer.path : given.replace(/^~\//, `${vim.process.env.get('HOME') ?? ''}/`)
  if (path === undefined) throw new VimError('E32: No file name')
  const { files } = vim.process
  const partial = range.given > 0 && (range.from > 0 || range.to < vim.buffer.count - 1)
  if (partial && given === '' && !bang) throw new VimError('E140: Use ! to write partial buffer')
  if (given !== '' && given !== '%' && path !== vim.buffer.path && !bang && !append && files.exists(path)) throw new VimError('E13: File exists (add ! to override)')
  if (vim.options.readonly && !bang) throw new VimError("E45: 'readonly' option is set (add ! to override)")
  const chosen = range.given > 0 ? range : whole(vim)
  const empty = vim.buffer.count === 1 && vim.buffer.line(0) === '' && range.given === 0
  const text = empty ? '' : lineText(vim, chosen)
  const existed = files.exists(path) !== undefined
  try {
    if (append) files.appendFile(path, encodeLossless(text))
    else files.writeFile(path, encodeLossless(text), 0o666)
  } catch (error) {
    if (isErrno(error)) throw new VimError(isErrno(error, 'EISDIR') ? `"${path}" E502: is a directory` : `"${path}" E212: Can't open file for writing`)
    throw error
  }
  const count = empty ? 0 : chosen.to - chosen.from + 1
  vim.message = `"${path}"${existed ? '' : ' [New]'} ${count}L, ${encodeLossless(text).length}B ${append ? 'appended' : 'written'}`
  if (!partial && (given === '' || path === vim.buffer.path || vim.buffer.path === undefined)) {
    vim.buffer.path ??= path
    vim.buffer.modified = false
  }
}

export function readFile(vim: VimState, path: string): void {
  vim.buffer.path = path
  try {
    const stat = vim.process.files.exists(path)
    if (!stat) {
      vim.buffer.load('')
      vim.message = `"${path}" [New]`
      return
    }
    if (stat.type === 'directory') throw new VimError(`"${path}" is a directory`)
    const text = decodeLossless(vim.process.files.readFile(path))
    vim.buffer.load(text)
    vim.options.readonly = vim.options.readonly || !vim.process.files.access(path, { write: true })
    vim.message = `"${path}"${vim.options.readonly ? ' [readonly]' : ''}${vim.buffer.noNewline ? ' [noeol]' : ''} ${text === '' ? 0 : vim.buffer.count}L, ${encodeLossless(text).length}B`
  } catch (error) {
    if (isErrno(error)) throw new VimError(error.code === 'EACCES' ? `"${path}" [Permission Denied]` : `"${path}" ${error.message}`)
    throw error
  }
}

function edit(vim: VimState, args: string, bang: boolean): void {
  if (vim.buffer.modified && !bang) throw new VimError('E37: No write since last change (add ! to override)')
  const path = args.trim() === '' ? vim.buffer.path : args.trim().replace(/^~\//, `${vim.process.env.get('HOME') ?? ''}/`)
  if (path === undefined) throw new VimError('E32: No file name')
  vim.options.readonly = false
  readFile(vim, path)
  vim.moveTo(0, 0)
}

function nextFile(vim: VimState, step: number, bang: boolean): void {
  const next = vim.files[vim.fileIndex + step]
  if (next === undefined) throw new VimError(step > 0 ? 'E165: Cannot go beyond last file' : 'E164: Cannot go before first file')
  if (vim.buffer.modified && !bang) throw new VimError('E37: No write since last change (add ! to override)')
  vim.fileIndex += step
  readFile(vim, next)
  vim.moveTo(0, 0)
}

async function textCommand(vim: VimState, host: ExHost, name: string, bang: boolean, args: string, range: Range): Promise<boolean> {
  const { buffer } = vim
  switch (name) {
    case 'delete': case 'yank': return deleteOrYank(vim, name, args, range)
    case 'put': {
      const register = vim.fetch(args.trim() || undefined)
      if (!register) throw new VimError('E353: Nothing in register "')
      const lines = register.text.replace(/\n$/, '').split('\n')
      buffer.splice(bang ? range.to : range.to + 1, 0, lines)
      vim.moveTo(range.to + (bang ? lines.length - 1 : lines.length), 0)
      return true
    }
    case 'move': case 't': case 'copy': moveLines(vim, args, range, name !== 'move'); return true
    case 'join': {
      const to = range.given > 1 ? range.to : Math.min(buffer.count - 1, range.to + 1)
      joinLines(vim, range.from, to, !bang)
      return true
    }
    case 'substitute': case '&': await substitute(vim, name === '&' ? `&${args}` : args, range); return true
    case 'global': case 'vglobal': await globalCommand(vim, host, args, range.given > 0 ? range : whole(vim), bang || name === 'vglobal'); return true
    case '>': case '<': {
      const times = (1 + (/^[<>]*/.exec(args)?.[0].length ?? 0)) * (name === '>' ? 1 : -1)
      for (let line = range.from; line <= range.to; line++) buffer.set(line, shiftLine(vim.options, buffer.line(line), times))
      vim.moveTo(range.to, firstNonBlank(buffer.line(range.to)))
      return true
    }
    case 'append': case 'insert': case 'change': insertText(vim, host, name, range); return true
    case 'print': case 'Print': case 'number': case '#':
      await host.show(buffer.lines.slice(range.from, range.to + 1).map((line, index) => `${name === 'number' || name === '#' ? `${String(range.from + index + 1).padStart(3)} ` : ''}${line}\n`).join(''))
      vim.moveTo(range.to, 0)
      return true
    case '=':
      await host.show(`${range.given > 0 ? range.to + 1 : buffer.count}\n`)
      return true
    case 'retab': retab(vim, args, range.given > 0 ? range : whole(vim)); return true
    case 'sort': sortLines(vim, args, range.given > 0 ? range : whole(vim), bang); return true
    case 'left': for (let line = range.from; line <= range.to; line++) buffer.set(line, ' '.repeat(Number(args) || 0) + buffer.line(line).trimStart()); return true
    case 'read': await readCommand(vim, host, args, range); return true
    case '!': return filterCommand(vim, host, args, range)
    default: return false
  }
}

function deleteOrYank(vim: VimState, name: string, args: string, range: Range): boolean {
  const match = /^\s*([a-zA-Z"])?\s*(\d+)?/.exec(args)
  const count = match?.[2] === undefined ? undefined : Number(match[2])
  const chosen = count === undefined ? range : { from: range.to, to: Math.min(vim.buffer.count - 1, range.to + count - 1), given: 2 }
  vim.store(match?.[1], { text: lineText(vim, chosen), kind: 'lines' }, name === 'delete')
  if (name === 'delete') {
    vim.buffer.splice(chosen.from, chosen.to - chosen.from + 1, [])
    vim.moveTo(Math.min(chosen.from, vim.buffer.count - 1), 0)
  }
  return true
}

function moveLines(vim: VimState, args: string, range: Range, copy: boolean): void {
  const target = /^\s*0\b/.test(args) ? -1 : parseRange(vim, args).range.to
  const lines = vim.buffer.lines.slice(range.from, range.to + 1)
  if (copy) {
    vim.buffer.splice(target + 1, 0, lines)
    vim.moveTo(target + lines.length, 0)
    return
  }
  if (target >= range.from && target < range.to) throw new VimError('E134: Cannot move a range of lines into itself')
  vim.buffer.splice(range.from, lines.length, [])
  const at = target > range.to ? target - lines.length + 1 : target + 1
  vim.buffer.splice(at, 0, lines)
  vim.moveTo(at + lines.length - 1, 0)
}

/** Joins lines with a space, as `J`. Returns the column of the last joint. */
export function joinLines(vim: VimState, from: number, to: number, spaces: boolean): number {
  let text = vim.buffer.line(from)
  let column = text.length
  for (let line = from + 1; line <= Math.min(to, vim.buffer.count - 1); line++) {
    const next = spaces ? vim.buffer.line(line).trimStart() : vim.buffer.line(line)
    const glue = !spaces || next === '' || text === '' || /\s$/.test(text) || next.startsWith(')') ? '' : ' '
    column = text.length
    text += glue + next
  }
  vim.buffer.splice(from, Math.min(to, vim.buffer.count - 1) - from + 1, [text])
  vim.moveTo(from, 0)
  return column
}

async function globalCommand(vim: VimState, host: ExHost, args: string, range: Range, inverted: boolean): Promise<void> {
  if (inGlobal) throw new VimError('E147: Cannot do :global recursive with a range')
  const delimiter = args.charAt(0)
  const match = new RegExp(`^\\${delimiter}((?:\\\\.|[^\\\\\\${delimiter}])*)(?:\\${delimiter}(.*))?$`, 's').exec(args)
  if (delimiter === '' || !match) throw new VimError('E148: Regular expression missing from :global')
  const pattern = match[1] === '' ? vim.lastPattern : (match[1] as string).replaceAll(`\\${delimiter}`, delimiter)
  vim.lastPattern = pattern
  const regex = vimRegExp(pattern, vim.options)
  const chosen: string[] = []
  const unique = vim.buffer.lines.map((text, index) => ({ text, index }))
  const picked = unique.slice(range.from, range.to + 1).filter(({ text }) => {
    regex.lastIndex = 0
    return regex.test(text) !== inverted
  })
  void chosen
  if (picked.length === 0) throw new VimError(`E486: Pattern not found: ${pattern}`)
  vim.buffer.marks.clear()
  picked.forEach(({ index }, order) => vim.buffer.marks.set(`global${order}`, { line: index, column: 0 }))
  inGlobal++
  try {
    for (let order = 0; order < picked.length; order++) {
      const mark = vim.buffer.marks.get(`global${order}`)
      if (!mark || mark.line >= vim.buffer.count) continue
      vim.moveTo(mark.line, 0)
      await execute(vim, host, match[2] === undefined || match[2] === '' ? 'p' : match[2])
    }
  } finally {
    inGlobal--
    for (const name of [...vim.buffer.marks.keys()]) if (name.startsWith('global')) vim.buffer.marks.delete(name)
  }
}

function insertText(vim: VimState, host: ExHost, name: string, range: Range): void {
  const lines: string[] = []
  for (let line = host.inputLine(); line !== undefined && line !== '.'; line = host.inputLine()) lines.push(line)
  const empty = vim.buffer.count === 1 && vim.buffer.line(0) === ''
  if (name === 'change') vim.buffer.splice(range.from, range.to - range.from + 1, lines)
  else vim.buffer.splice(name === 'append' ? range.to + 1 : Math.max(0, range.to), empty && name !== 'append' ? 1 : 0, lines)
  vim.moveTo(Math.max(0, (name === 'append' ? range.to + lines.length : range.from + lines.length - 1)), 0)
}

function retab(vim: VimState, args: string, range: Range): void {
  const width = Number(args) || vim.options.tabstop
  for (let line = range.from; line <= range.to; line++) {
    const text = vim.buffer.line(line)
    if (!text.includes('\t')) continue
    const before = vim.options.tabstop
    let column = 0
    let out = ''
    for (const c of text) {
      if (c === '\t') {
        const next = column + before - (column % before)
        out += vim.options.expandtab ? ' '.repeat(next - column) : '\t'
        column = next
      } else {
        out += c
        column++
      }
    }
    vim.buffer.set(line, out)
  }
  if (args !== '') vim.options.tabstop = width
}

function sortLines(vim: VimState, args: string, range: Range, reverse: boolean): void {
  const numeric = /n/.test(args)
  const ignore = /i/.test(args)
  const key = (line: string): string => (ignore ? line.toLowerCase() : line)
  let lines = vim.buffer.lines.slice(range.from, range.to + 1)
  lines.sort((a, b) => (numeric ? Number(/-?\d+/.exec(a)?.[0] ?? -Infinity) - Number(/-?\d+/.exec(b)?.[0] ?? -Infinity) : key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
  if (reverse) lines.reverse()
  if (/u/.test(args)) lines = lines.filter((line, index) => index === 0 || key(lines[index - 1] as string) !== key(line))
  vim.buffer.splice(range.from, range.to - range.from + 1, lines)
}

async function readCommand(vim: VimState, host: ExHost, args: string, range: Range): Promise<void> {
  const text = args.trim()
  let content: string
  if (text.startsWith('!')) content = await host.shell(text.slice(1), undefined)
  else {
    try {
      content = decodeLossless(vim.process.files.readFile(text === '' ? (vim.buffer.path ?? '') : text))
    } catch (error) {
      if (isErrno(error)) throw new VimError(`E484: Can't open file ${text}`)
      throw error
    }
  }
  const lines = content === '' ? [] : content.replace(/\n$/, '').split('\n')
  const at = range.given > 0 && range.to < 0 ? 0 : range.to + 1
  // In ex mode an empty buffer's one line makes way.
  const bare = vim.silent && vim.buffer.count === 1 && vim.buffer.line(0) === '' && lines.length > 0
  vim.buffer.splice(bare ? 0 : at, bare ? 1 : 0, lines)
  if (bare) return vim.moveTo(0, 0)
  vim.moveTo(at, 0)
}

async function filterCommand(vim: VimState, host: ExHost, args: string, range: Range): Promise<boolean> {
  const command = args.replace(/(?<!\\)%/g, vim.buffer.path ?? '')
  if (range.given === 0) {
    await host.show(await host.shell(command, undefined))
    return true
  }
  const out = await host.shell(command, lineText(vim, range))
  vim.buffer.splice(range.from, range.to - range.from + 1, out.replace(/\n$/, '').split('\n'))
  vim.moveTo(range.from, 0)
  return true
}

async function otherCommand(vim: VimState, host: ExHost, name: string, args: string, bang: boolean): Promise<void> {
  switch (name) {
    case 'set': case 'setlocal':
      for (const word of args.trim().split(/\s+/).filter((one) => one !== '' && one !== 'all')) {
        const answer = setOption(vim.options, word)
        if (answer?.startsWith('E')) throw new VimError(answer)
        if (answer !== undefined) vim.message = answer
      }
      return
    case 'normal': return host.normal(args).catch((error: unknown) => {
      if (!(error instanceof OutOfKeys)) throw error
    })
    case 'undo': undo(vim, true); return
    case 'redo': undo(vim, false); return
    case 'nohlsearch': vim.highlight = false; return
    case 'k': case 'mark': vim.buffer.marks.set(args.trim().charAt(0), { ...vim.cursor }); return
    case 'startinsert': vim.queue.unshift(bang ? 'A' : 'i'); return
    case 'stopinsert': return
    case 'silent': return execute(vim, host, args)
    case 'execute': return execute(vim, host, args.trim().replace(/^["'](.*)["']$/s, '$1'))
    case 'source': return source(vim, host, vim.process.files.readText(args.trim().replace(/^~\//, `${vim.process.env.get('HOME') ?? ''}/`)))
    case 'pwd': vim.message = vim.process.cwd(); return
    case 'cd': vim.process.chdir(args.trim() || (vim.process.env.get('HOME') ?? '/')); return
    case 'echo': await host.show(`${args.trim().replace(/^["'](.*)["']$/s, '$1')}\n`); return
    case 'registers': case 'display': await host.show(`Type Name Content\n${[...vim.registers].map(([key, value]) => `  ${value.kind === 'lines' ? 'l' : 'c'}  "${key}   ${value.text.replace(/\n/g, '^J')}\n`).join('')}`); return
    case 'marks': await host.show(`mark line  col file/text\n${[...vim.buffer.marks].map(([key, place]) => ` ${key} ${String(place.line + 1).padStart(6)} ${String(place.column).padStart(4)} ${vim.buffer.line(place.line)}\n`).join('')}`); return
    case 'nnoremap': case 'noremap': case 'map': case 'nmap': {
      const match = /^(\S+)\s+(.+)$/s.exec(args)
      if (match) vim.maps.set(keyText(match[1] as string), keyText(match[2] as string))
      return
    }
    case 'syntax': case 'filetype': case 'colorscheme': case 'let': case 'autocmd': case 'augroup': case 'imap': case 'inoremap': case 'vnoremap': case 'vmap': case 'highlight': case 'runtime': case 'if': case 'endif': case 'unmap': case 'packadd': return
    case 'help': throw new VimError('E149: Sorry, no help here')
    case 'shell': await host.show(''); return
    default: throw new VimError(`E492: Not an editor command: ${name}`)
  }
}

export function keyText(text: string): string {
  return text.replace(/<(CR|Enter|Esc|Space|Tab|BS|leader|lt|bar|C-(.))>/gi, (_, name: string, control?: string) => (control !== undefined ? String.fromCharCode(control.toUpperCase().charCodeAt(0) & 31) : (({ cr: '\r', enter: '\r', esc: '\x1b', space: ' ', tab: '\t', bs: '\x7f', leader: '\\', lt: '<', bar: '|' } as Record<string, string>)[name.toLowerCase()] ?? '')))
}

/** A script: vimrc, `-S`, `:source`. */
export async function source(vim: VimState, host: ExHost, text: string): Promise<void> {
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.trim().startsWith('"')) continue
    await execute(vim, host, line)
  }
}

export { indentColumns, indentText }
