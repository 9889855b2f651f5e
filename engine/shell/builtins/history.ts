/** history and fc: the lines typed before, shown, changed, kept in files and run again. */
import { isErrno } from '#engine/linux/abi/errno'
import { builtin, type BuiltinCall, parseOptions, type ParsedOptions, write } from '#engine/shell/builtins/builtin'
import { formatDate } from '#engine/shell/builtins/strftime'
import { expandHistory } from '#engine/shell/editor/history-expansion'
import { pushHistory, removeHistory } from '#engine/shell/editor/history'
import { singleQuote } from '#engine/shell/expand/quote'
import { readScalar } from '#engine/shell/state/access'
import { BuiltinError, DiscardLine } from '#engine/shell/state/signals'
import type { Shell } from '#engine/shell/state/shell'

export const historyBuiltin = builtin(async (call) => {
  const { shell } = call
  const { flags, rest } = parseOptions(call, 'cd:anrwps')
  if (['a', 'n', 'r', 'w'].filter((letter) => flags.has(letter)).length > 1) throw new BuiltinError('cannot use more than one of -anrw')
  if (flags.has('c')) removeHistory(shell, 0, shell.history.length)
  if (flags.has('s') || flags.has('p')) return flags.has('s') ? store(shell, rest) : expand(call, rest)
  const remove = flags.get('d')
  if (typeof remove === 'string') return removeRange(shell, remove)
  if (flags.has('w') || flags.has('a')) return save(shell, rest[0], flags.has('a'))
  if (flags.has('r') || flags.has('n')) return load(shell, rest[0])
  return flags.has('c') ? 0 : list(call, rest)
})

/** The command that is running is the last line of an interactive shell's history: `-s` and `-p` take it out. */
function dropRunning(shell: Shell): void {
  if (shell.interactive && shell.history.length > 0) removeHistory(shell, shell.history.length - 1, 1)
}

function store(shell: Shell, words: readonly string[]): number {
  if (words.length === 0) return 0
  dropRunning(shell)
  pushHistory(shell, words.join(' '))
  return 0
}

async function expand(call: BuiltinCall, words: readonly string[]): Promise<number> {
  const { shell } = call
  dropRunning(shell)
  let status = 0
  for (const word of words) {
    const { text, missing } = expandHistory(word, shell.history, shell.historyStart)
    if (missing === undefined) await write(call, `${text}\n`)
    else {
      await shell.error(`history: ${word}: history expansion failed`)
      status = 1
    }
  }
  return status
}

/** `5`, `-1`, `2-4`: positions as they are shown. */
function removeRange(shell: Shell, text: string): number {
  const range = /^(-?\d+)(?:-(-?\d+))?$/.exec(text)
  const place = (shown: string): number => {
    const index = shown.startsWith('-') ? shell.history.length + Number(shown) : Number(shown) - shell.historyStart
    if (!(index in shell.history)) throw new BuiltinError(`${shown}: history position out of range`)
    return index
  }
  if (!range) throw new BuiltinError(`${text}: history position out of range`)
  const from = place(range[1] as string)
  const to = range[2] === undefined ? from : place(range[2])
  if (to < from) throw new BuiltinError(`${text}: history position out of range`)
  removeHistory(shell, from, to - from + 1)
  return 0
}

function fileOf(shell: Shell, given: string | undefined): string {
  return given ?? readScalar(shell, 'HISTFILE') ?? '/root/.bash_history'
}

/** What cannot be written or read only fails: bash says nothing. */
function save(shell: Shell, given: string | undefined, append: boolean): number {
  const path = fileOf(shell, given)
  const lines = (append ? shell.history.slice(shell.historySaved) : shell.history).map((line) => `${line}\n`).join('')
  try {
    if (append) shell.files.appendFile(path, lines)
    else shell.files.writeFile(path, lines)
    shell.historySaved = shell.history.length
    return 0
  } catch (error) {
    if (isErrno(error)) return 1
    throw error
  }
}

function load(shell: Shell, given: string | undefined): number {
  try {
    for (const line of shell.files.readText(fileOf(shell, given)).split('\n')) if (line !== '') pushHistory(shell, line)
    return 0
  } catch (error) {
    if (isErrno(error)) return 1
    throw error
  }
}

async function list(call: BuiltinCall, rest: readonly string[]): Promise<number> {
  const { shell } = call
  const [count] = rest
  if (count !== undefined && !/^\d+$/.test(count)) throw new BuiltinError(`${count}: numeric argument required`)
  if (rest.length > 1) {
    await shell.error('history: too many arguments')
    throw new DiscardLine(1, true)
  }
  const from = count === undefined ? 0 : Math.max(0, shell.history.length - Number(count))
  const format = readScalar(shell, 'HISTTIMEFORMAT')
  const time = (index: number): string => (format === undefined ? '' : formatDate(format, shell.historyTimes[index] ?? shell.process.clock.now(), 0, 'UTC'))
  await write(call, shell.history.slice(from).map((line, index) => `${String(shell.historyStart + from + index).padStart(5)}  ${time(from + index)}${line}\n`).join(''))
  return 0
}

export const fcBuiltin = builtin(async (call) => {
  const options = parseOptions({ ...call, args: withoutNumbers(call.args) }, 'e:lnrs')
  const { flags } = options
  const rest = [...options.rest, ...call.args.filter(isNumber)].sort((a, b) => call.args.indexOf(a) - call.args.indexOf(b))
  if (flags.has('s') || flags.get('e') === '-') return runAgain(call, rest)
  return flags.has('l') ? listRange(call, rest, flags) : editAndRun(call, rest, flags.get('e'))
})

const isNumber = (text: string): boolean => /^-\d+$/.test(text)

/** `-5` is a line, no option. */
function withoutNumbers(args: readonly string[]): string[] {
  return args.filter((arg) => !isNumber(arg))
}

/** The lines before the command that is running. */
function linesBefore(shell: Shell): readonly string[] {
  return shell.interactive ? shell.history.slice(0, -1) : shell.history
}

/** Where a number or the beginning of a line leads to. */
function lineAt(shell: Shell, spec: string, inList: boolean): number {
  const lines = linesBefore(shell)
  if (lines.length === 0) throw new BuiltinError('no command found')
  if (/^-?\d+$/.test(spec)) {
    const number = Number(spec)
    if (number === 0) return inList ? lines.length : lines.length - 1
    const index = number < 0 ? lines.length + number : number - shell.historyStart
    return Math.max(0, Math.min(index, lines.length - 1))
  }
  const found = lines.findLastIndex((line) => line.startsWith(spec))
  if (found < 0) throw new BuiltinError('no command found')
  return found
}

async function listRange(call: BuiltinCall, rest: readonly string[], flags: ParsedOptions['flags']): Promise<number> {
  const { shell } = call
  const lines = linesBefore(shell)
  if (lines.length === 0) throw new BuiltinError('no command found')
  const first = rest[0] === undefined ? Math.max(0, lines.length - 16) : lineAt(shell, rest[0], true)
  const last = rest[1] === undefined ? lines.length - 1 : lineAt(shell, rest[1], true)
  const [low, high] = [Math.min(first, last), Math.max(first, last)]
  const shown = lines.slice(low, high + 1).map((line, index) => `${flags.has('n') ? '' : String(shell.historyStart + low + index)}\t ${line}\n`)
  await write(call, ((first > last) !== flags.has('r') ? shown.reverse() : shown).join(''))
  return 0
}

/** `fc -s [old=new] [line]`. */
async function runAgain(call: BuiltinCall, rest: readonly string[]): Promise<number> {
  const { shell } = call
  const changes = rest.filter((arg) => arg.includes('='))
  const spec = rest.find((arg) => !arg.includes('='))
  let line = linesBefore(shell)[lineAt(shell, spec ?? '-1', false)] as string
  for (const change of changes) {
    const equals = change.indexOf('=')
    line = line.replaceAll(change.slice(0, equals), change.slice(equals + 1))
  }
  replaceRunning(shell, [line])
  await shell.complain(line)
  return shell.hooks.runText(shell, line, 'eval')
}

/** What `fc` ran stands in the history instead of `fc`. */
function replaceRunning(shell: Shell, lines: readonly string[]): void {
  dropRunning(shell)
  for (const line of lines) pushHistory(shell, line)
}

/** The lines go through an editor, and what comes out is run. */
async function editAndRun(call: BuiltinCall, rest: readonly string[], editor: string | true | undefined): Promise<number> {
  const { shell } = call
  const first = lineAt(shell, rest[0] ?? '-1', false)
  const last = rest[1] === undefined ? first : lineAt(shell, rest[1], false)
  const lines = linesBefore(shell).slice(Math.min(first, last), Math.max(first, last) + 1)
  const path = `/tmp/bash-fc.${shell.process.pid}`
  shell.files.writeFile(path, (first > last ? [...lines].reverse() : lines).map((line) => `${line}\n`).join(''))
  const program = typeof editor === 'string' ? editor : (readScalar(shell, 'FCEDIT') ?? readScalar(shell, 'EDITOR') ?? 'vi')
  try {
    if ((await shell.hooks.runText(shell, `${program} ${singleQuote(path)}`, 'eval')) !== 0) {
      dropRunning(shell)
      return shell.status
    }
    const text = shell.files.readText(path)
    replaceRunning(shell, text.split('\n').filter((line) => line !== ''))
    return await echoed(shell, text)
  } finally {
    shell.files.unlink(path)
  }
}

async function echoed(shell: Shell, text: string): Promise<number> {
  const before = shell.options.on('verbose')
  shell.options.put('verbose', true)
  try {
    return await shell.hooks.runText(shell, text, 'eval')
  } finally {
    shell.options.put('verbose', before)
  }
}

