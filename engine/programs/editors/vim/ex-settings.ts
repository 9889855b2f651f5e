/** Options, mappings, registers, and what else is no text. */
import type { Ex, ExCommand } from '#engine/programs/editors/vim/ex-command'
import { withoutEffect } from '#engine/programs/editors/vim/ex-names.table'
import { keyText } from '#engine/programs/editors/vim/key-names'
import { setOption } from '#engine/programs/editors/vim/options'
import { VimError } from '#engine/programs/editors/vim/state'
import { undo } from '#engine/programs/editors/vim/undo'

export const settingCommands: Readonly<Record<string, ExCommand>> = {
  ...Object.fromEntries(withoutEffect.map((name): [string, ExCommand] => [name, () => undefined])),
  set,
  setlocal: set,
  undo: (ex) => undoTo(ex),
  redo: ({ vim }) => undo(vim, false),
  earlier: ({ vim, args }) => again(args, () => undo(vim, true)),
  later: ({ vim, args }) => again(args, () => undo(vim, false)),
  nohlsearch: ({ vim }) => void (vim.highlight = false),
  startinsert: ({ vim, bang }) => void vim.queue.unshift(bang ? 'A' : 'i'),
  silent,
  execute: ({ args, execute }) => execute(unquoted(args)),
  source: ({ vim, args, execute }) => sourceFile(vim.process.files.readText(args.trim().replace(/^~\//, `${vim.process.env.get('HOME') ?? ''}/`)), execute),
  filetype: ({ vim, args }) => fileType(vim, args),
  let: assign,
  pwd: ({ vim }) => void (vim.message = vim.process.cwd()),
  cd: ({ vim, args }) => vim.process.chdir(args.trim() || (vim.process.env.get('HOME') ?? '/')),
  // Messages are not shown in silent mode.
  echo: ({ vim, host, args }) => (vim.silent ? undefined : host.show(`${unquoted(args)}\n`)),
  registers: showRegisters,
  display: showRegisters,
  marks: showMarks,
  nnoremap: map,
  noremap: map,
  map,
  nmap: map,
  help: () => {
    throw new VimError('E149: Sorry, no help here')
  },
}

async function set({ vim, host, args }: Ex): Promise<void> {
  for (const word of args.trim().split(/\s+/).filter((one) => one !== '' && one !== 'all')) {
    const answer = setOption(vim.options, word)
    if (answer?.startsWith('E')) throw new VimError(answer)
    if (answer !== undefined) await host.show(answer)
  }
}

/** With `!` a failure is none. */
async function silent({ args, bang, execute }: Ex): Promise<void> {
  try {
    await execute(args)
  } catch (error) {
    if (!bang || !(error instanceof VimError)) throw error
  }
}

function again(args: string, act: () => void): void {
  for (let i = 0; i < (Number(args) || 1); i++) act()
}

/** `:undo 0` takes back all there is. */
function undoTo({ vim, args }: Ex): void {
  if (args.trim() === '') return undo(vim, true)
  while (vim.buffer.undoNumber > Number(args)) undo(vim, true)
}

async function sourceFile(text: string, execute: (line: string) => Promise<void>): Promise<void> {
  for (const line of text.split('\n')) if (line.trim() !== '' && !line.trim().startsWith('"')) await execute(line)
}

function fileType(vim: Ex['vim'], args: string): void {
  const on = !/\boff\b/.test(args)
  if (args.trim() === '') return
  if (/plugin/.test(args)) vim.fileTypes.plugin = on
  if (/indent/.test(args)) vim.fileTypes.indent = on
}

function unquoted(args: string): string {
  const text = args.trim()
  const match = /^(["'])(.*)\1$/s.exec(text)
  if (!match) return text
  return match[1] === '"' ? (match[2] ?? '').replace(/\\<([^>]+)>/g, '<$1>').replace(/<[^>]+>/g, keyText).replace(/\\(.)/g, '$1') : (match[2] ?? '')
}

/** Registers are all of a `:let` that has a meaning here. */
function assign({ vim, args }: Ex): void {
  const match = /^@(.)\s*=\s*(.+)$/s.exec(args.trim())
  if (match) vim.registers.set(match[1] as string, { text: unquoted(match[2] as string), kind: 'characters' })
}

async function showRegisters({ vim, host }: Ex): Promise<void> {
  const rows = [...vim.registers].map(([key, value]) => `  ${value.kind === 'lines' ? 'l' : value.kind === 'block' ? 'b' : 'c'}  "${key}   ${value.text.replace(/\n/g, '^J')}\n`)
  await host.show(`Type Name Content\n${rows.join('')}`)
}

async function showMarks({ vim, host }: Ex): Promise<void> {
  const rows = [...vim.buffer.marks].map(([key, place]) => ` ${key} ${String(place.line + 1).padStart(6)} ${String(place.column).padStart(4)} ${vim.buffer.line(place.line)}\n`)
  await host.show(`mark line  col file/text\n${rows.join('')}`)
}

function map({ vim, args }: Ex): void {
  const match = /^(\S+)\s+(.+)$/s.exec(args)
  if (match) vim.maps.set(keyText(match[1] as string), keyText(match[2] as string))
}
