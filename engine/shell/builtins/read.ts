/** read, mapfile. */
import { isErrno } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'
import { builtin, type BuiltinCall, parseOptions, usageError, write } from '#engine/shell/builtins/builtin'
import { interruptible } from '#engine/shell/interpreter/interruptible'
import { readLine } from '#engine/shell/interpreter/input'
import { decodeLossless } from '#engine/base/lossless'
import { splitRead } from '#engine/shell/builtins/read-split'
import { assign, isName } from '#engine/shell/state/access'
import { BuiltinError } from '#engine/shell/state/signals'
import type { Shell } from '#engine/shell/state/shell'
import { ifsOf } from '#engine/shell/expand/separators'
import { IndexedArray } from '#engine/shell/state/variables'

interface ReadRequest {
  readonly raw: boolean
  readonly delimiter: number
  readonly count: number | undefined
  readonly exact: boolean
  readonly fd: number
}

const nameOf = (text: string): string => /^([A-Za-z_]\w*)(?:\[.*\])?$/s.exec(text)?.[1] ?? ''

export const readBuiltin = builtin(async (call) => {
  const { shell } = call
  const { flags, rest } = parseOptions(call, 'ersa:d:i:n:N:p:t:u:')
  const text = (letter: string): string | undefined => {
    const value = flags.get(letter)
    return typeof value === 'string' ? value : undefined
  }
  for (const name of rest) if (nameOf(name) === '') throw new BuiltinError(`\`${name}': not a valid identifier`)
  const array = text('a')
  if (array !== undefined && !isName(array)) throw new BuiltinError(`\`${array}': not a valid identifier`)
  const count = text('N') ?? text('n')
  if (count !== undefined && !/^\d+$/.test(count)) throw new BuiltinError(`${count}: invalid number`)
  const timeout = text('t') ?? defaultTimeout(shell)
  if (timeout !== undefined && !/^\d*\.?\d*$/.test(timeout)) throw new BuiltinError(`${timeout}: invalid timeout specification`)
  const fd = text('u') ?? '0'
  if (!/^\d+$/.test(fd)) throw new BuiltinError(`${fd}: invalid file descriptor specification`)
  const file = openFile(call, Number(fd))
  const request: ReadRequest = { raw: flags.has('r'), delimiter: text('N') !== undefined ? -1 : text('d') === undefined ? 10 : (text('d') as string) === '' ? 0 : (text('d') as string).charCodeAt(0), count: count === undefined ? undefined : Number(count), exact: text('N') !== undefined, fd: Number(fd) }
  if (text('p') !== undefined && file.kind === 'tty') await shell.write(2, text('p') as string)
  return readInto(call, file, request, rest, array, timeout, flags.has('s'))
})

/** TMOUT, in seconds. */
function defaultTimeout(shell: Shell): string | undefined {
  const value = shell.vars.find('TMOUT')?.scalar() ?? ''
  return /^[1-9]\d*$/.test(value) ? value : undefined
}

function openFile(call: BuiltinCall, fd: number): OpenFile {
  try {
    return interruptible(call.shell, call.shell.process.descriptor(fd))
  } catch (error) {
    if (isErrno(error)) throw new BuiltinError(`${fd}: invalid file descriptor: Bad file descriptor`)
    throw error
  }
}

async function readInto(call: BuiltinCall, file: OpenFile, request: ReadRequest, names: readonly string[], array: string | undefined, timeout: string | undefined, silent: boolean): Promise<number> {
  const { shell } = call
  const terminal = file.kind === 'tty' ? file.tty : undefined
  if (terminal && silent) terminal.setMode({ echo: false })
  if (terminal && request.count !== undefined) terminal.setMode({ canonical: false })
  let outcome: Outcome | 'timeout'
  try {
    if (timeout !== undefined && Number(timeout) === 0) return file.readNow?.(0) === undefined && file.kind !== 'file' ? 1 : 0
    outcome = timeout === undefined ? await collect(file, request) : await withTimeout(call, file, request, Number(timeout) * 1000)
  } finally {
    if (terminal && silent) terminal.setMode({ echo: true })
    if (terminal && request.count !== undefined) terminal.setMode({ canonical: true })
  }
  if (outcome === 'timeout') {
    distribute(call, [], names, array, request)
    return 142
  }
  distribute(call, outcome.characters, names, array, request)
  void shell
  return outcome.complete ? 0 : 1
}

/** A character read, and whether a backslash took its meaning. */
export interface ReadCharacter {
  readonly c: string
  readonly escaped: boolean
}

interface Outcome {
  readonly characters: ReadCharacter[]
  readonly complete: boolean
}

async function collect(file: OpenFile, request: ReadRequest): Promise<Outcome> {
  const characters: ReadCharacter[] = []
  if (request.count !== undefined) return collectCount(file, request)
  for (;;) {
    const line = await readLine(file, request.delimiter)
    if (!line) return { characters, complete: false }
    const continued = appendLine(characters, line.text, request)
    if (!continued || !line.complete) return { characters, complete: line.complete }
  }
}

/** Adds a line's characters; true where it ends in a backslash that continues it. */
function appendLine(characters: ReadCharacter[], text: string, request: ReadRequest): boolean {
  const points = [...text.replace(/\0/g, '')]
  for (let i = 0; i < points.length; i++) {
    const c = points[i] as string
    if (request.raw || c !== '\\') characters.push({ c, escaped: false })
    else if (i + 1 < points.length) {
      i++
      if (points[i] !== '\n') characters.push({ c: points[i] as string, escaped: true })
    } else return true
  }
  return false
}

async function collectCount(file: OpenFile, request: ReadRequest): Promise<Outcome> {
  const characters: ReadCharacter[] = []
  while (characters.length < (request.count as number)) {
    const character = await readCharacter(file)
    if (character === undefined) return { characters, complete: false }
    if (!request.exact && character.charCodeAt(0) === request.delimiter) return { characters, complete: true }
    if (character === '\\' && !request.raw) {
      const next = await readCharacter(file)
      if (next === undefined) return { characters, complete: false }
      if (next !== '\n') characters.push({ c: next, escaped: true })
    } else characters.push({ c: character, escaped: false })
  }
  return { characters, complete: true }
}

async function readCharacter(file: OpenFile): Promise<string | undefined> {
  const first = await file.read(1)
  if (first === null || first.length === 0) return undefined
  const lead = first[0] as number
  const more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0
  const bytes = [lead]
  for (let i = 0; i < more; i++) {
    const next = await file.read(1)
    if (next === null) break
    bytes.push(next[0] as number)
  }
  return decodeLossless(Uint8Array.from(bytes))
}

async function withTimeout(call: BuiltinCall, file: OpenFile, request: ReadRequest, ms: number): Promise<Outcome | 'timeout'> {
  const { clock } = call.shell.process
  if (file.kind === 'file' || !file.onReadable) return collect(file, request)
  const characters: ReadCharacter[] = []
  const deadline = clock.now() + ms
  const bytes: number[] = []
  for (;;) {
    const piece = file.readNow?.(1)
    if (piece === undefined) {
      if (!(await readableBefore(call, file, deadline))) return 'timeout'
      continue
    }
    const ended = piece === null || piece.length === 0
    if (ended || piece[0] === request.delimiter || (request.count !== undefined && bytes.length >= request.count)) {
      appendLine(characters, decodeLossless(Uint8Array.from(bytes)), request)
      return { characters, complete: !ended }
    }
    bytes.push(piece[0] as number)
  }
}

function readableBefore(call: BuiltinCall, file: OpenFile, deadline: number): Promise<boolean> {
  const { clock } = call.shell.process
  return new Promise((resolve) => {
    const timer = clock.after(deadline - clock.now(), () => {
      cancel?.()
      resolve(false)
    })
    const cancel = file.onReadable?.(() => {
      timer.cancel()
      resolve(true)
    })
  })
}

function distribute(call: BuiltinCall, characters: readonly ReadCharacter[], names: readonly string[], array: string | undefined, request: ReadRequest): void {
  const { shell } = call
  const plain = characters.map((one) => one.c).join('')
  if (array !== undefined) {
    const variable = shell.vars.obtain(array)
    if (variable.readonly) throw new BuiltinError(`${array}: readonly variable`)
    variable.value = new IndexedArray(splitRead(characters, ifsOf(shell), Infinity))
    return
  }
  if (names.length === 0) return assign(shell, 'REPLY', plain)
  if (request.exact) {
    names.forEach((name, index) => put(call, name, index === 0 ? plain : ''))
    return
  }
  const fields = splitRead(characters, ifsOf(shell), names.length)
  names.forEach((name, index) => put(call, name, fields[index] ?? ''))
}

function put(call: BuiltinCall, name: string, value: string): void {
  const match = /^(\w+)\[([^]*)\]$/.exec(name)
  if (match) assign(call.shell, match[1] as string, value, { key: match[2] as string })
  else assign(call.shell, name, value)
}

export const mapfileBuiltin = builtin(async (call) => {
  const { shell } = call
  const { flags, rest } = parseOptions(call, 'd:n:O:s:tu:C:c:')
  const number = (letter: string, fallback: number): number => {
    const value = flags.get(letter)
    if (value === undefined) return fallback
    if (!/^\d+$/.test(String(value))) throw new BuiltinError(`${String(value)}: invalid ${letter === 'n' || letter === 's' ? 'line count' : letter === 'O' ? 'array origin' : letter === 'u' ? 'file descriptor specification' : 'callback quantum'}`)
    return Number(value)
  }
  const name = rest[0] ?? 'MAPFILE'
  if (!isName(name)) throw new BuiltinError(`\`${name}': not a valid identifier`)
  const file = openFile(call, number('u', 0))
  const delimiterText = flags.get('d')
  const delimiter = typeof delimiterText === 'string' ? (delimiterText === '' ? 0 : delimiterText.charCodeAt(0)) : 10
  const variable = shell.vars.obtain(name)
  if (variable.readonly) throw new BuiltinError(`${name}: readonly variable`)
  const array = flags.has('O') && variable.value instanceof IndexedArray ? variable.value : new IndexedArray()
  variable.value = array
  const limit = number('n', 0)
  const quantum = number('c', 5000)
  let index = number('O', 0)
  for (let skip = number('s', 0); skip > 0; skip--) await readLine(file, delimiter)
  for (let count = 0; limit === 0 || count < limit; count++) {
    const line = await readLine(file, delimiter)
    if (!line) break
    const text = line.text + (flags.has('t') || !line.complete ? '' : String.fromCharCode(delimiter))
    const callback = flags.get('C')
    if (typeof callback === 'string' && (count + 1) % quantum === 0) await shell.hooks.runText(shell, `${callback} ${index} '${text.replace(/'/g, "'\\''")}'`, 'eval')
    array.set(index++, text)
  }
  return 0
})

export { usageError, write }
