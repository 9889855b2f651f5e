/** Reads ex commands and runs them. */
import type { Ex, ExCommand } from '#engine/programs/editors/vim/ex-command'
import { fileCommands } from '#engine/programs/editors/vim/ex-files'
import { globalCommands } from '#engine/programs/editors/vim/ex-global'
import type { ExHost } from '#engine/programs/editors/vim/ex-host'
import { lineCommands } from '#engine/programs/editors/vim/ex-lines'
import { commandNames, takeBar } from '#engine/programs/editors/vim/ex-names.table'
import { parseRange, type Range } from '#engine/programs/editors/vim/ex-range'
import { settingCommands } from '#engine/programs/editors/vim/ex-settings'
import { shapeCommands } from '#engine/programs/editors/vim/ex-shape'
import { shellCommands } from '#engine/programs/editors/vim/ex-shell'
import { substitute } from '#engine/programs/editors/vim/ex-substitute'
import { VimError, type VimState } from '#engine/programs/editors/vim/state'
import { firstNonBlank } from '#engine/programs/editors/vim/words'

/** They change text, or what else undo knows. */
const inBuffer: Readonly<Record<string, ExCommand>> = {
  ...lineCommands,
  ...shapeCommands,
  ...globalCommands,
  ...shellCommands,
  ...settingCommands,
  substitute: ({ vim, args, range }) => substitute(vim, args, range),
  '&': ({ vim, args, range }) => substitute(vim, `&${args}`, range),
}

export async function execute(vim: VimState, host: ExHost, line: string): Promise<void> {
  const { range, rest } = parseRange(vim, line)
  if (rest === '' || rest.startsWith('"')) return goTo(vim, range)
  const { name, bang, args } = readCommand(rest)
  const [own, next] = takeBar.has(name) ? [args, undefined] : splitBar(name, args)
  await run({ vim, host, name, bang, args: own, range, execute: (other) => execute(vim, host, other) })
  if (next !== undefined) await execute(vim, host, next)
}

/** A line's number alone goes there. */
function goTo(vim: VimState, range: Range): void {
  const line = Math.max(0, range.to)
  if (range.given > 0) vim.moveTo(line, firstNonBlank(vim.buffer.line(line)))
}

interface Read {
  readonly name: string
  readonly bang: boolean
  readonly args: string
}

function readCommand(text: string): Read {
  if (text.startsWith('!')) return { name: '!', bang: false, args: text.slice(1) }
  const symbol = /^([&<>=~@#*])([&<>=~@#*]*\s*.*)$/s.exec(text)
  if (symbol) return { name: symbol[1] as string, bang: false, args: symbol[2]?.replace(/^([&<>=~@#*]*)\s*/, '$1') ?? '' }
  // The pattern of `s` and `g` follows at once; so may a register, a count or a mark.
  const joined = /^(s|g|v|substitute|global|vglobal)(!?)(?=[^\w\s"|!]|$)(.*)$/s.exec(text) ?? /^(d|y|m|t|j|co|u|r|w|e)()(?=[\d$.'+/-])(.*)$/s.exec(text) ?? /^(k)()([a-zA-Z])\s*$/.exec(text)
  if (joined) return { name: fullName(joined[1] as string, text), bang: joined[2] === '!', args: joined[3] as string }
  const match = /^([A-Za-z]+)(!?)\s*(.*)$/s.exec(text)
  if (!match) throw new VimError(`E492: Not an editor command: ${text}`)
  return { name: fullName(match[1] as string, text), bang: match[2] === '!', args: match[3] as string }
}

function fullName(given: string, text: string): string {
  const found = commandNames.find(([least, full]) => full.startsWith(given) && given.length >= least.length) ?? commandNames.find(([least]) => least === given)
  if (!found) throw new VimError(`E492: Not an editor command: ${text}`)
  return found[1]
}

function splitBar(name: string, args: string): [own: string, next: string | undefined] {
  if ((name === 'read' || name === 'write') && /^\s*!/.test(args)) return [args, undefined]
  for (let i = name === 'substitute' ? behindReplacement(args) : 0; i < args.length; i++) {
    if (args[i] === '\\') i++
    else if (args[i] === '|') return [args.slice(0, i).trimEnd(), args.slice(i + 1)]
  }
  return [args, undefined]
}

/** A bar in a pattern or a replacement is no end of a command. */
function behindReplacement(args: string): number {
  const delimiter = args.charAt(0)
  if (/^[\w\s"|&]?$/.test(delimiter)) return 0
  let left = 2
  for (let i = 1; i < args.length; i++) {
    if (args[i] === '\\') i++
    else if (args[i] === delimiter && --left === 0) return i
  }
  return args.length
}

async function run(ex: Ex): Promise<void> {
  const { vim, name } = ex
  if (Object.hasOwn(fileCommands, name)) return fileCommands[name]?.(ex)
  const command = Object.hasOwn(inBuffer, name) ? inBuffer[name] : undefined
  if (!command) throw new VimError(`E492: Not an editor command: ${name}`)
  vim.buffer.begin(vim.cursor)
  try {
    await command(ex)
  } finally {
    if (!vim.inGlobal) vim.buffer.end()
    vim.clamp()
  }
}

/** A script: vimrc, `-S`, `:source`. */
export async function source(vim: VimState, host: ExHost, text: string): Promise<void> {
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.trim().startsWith('"')) continue
    await execute(vim, host, line)
  }
}
