/** read. */
import { isErrno } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'
import { builtin, type BuiltinCall, parseOptions } from '#engine/shell/builtins/builtin'
import { interruptible } from '#engine/shell/interpreter/interruptible'
import { readLine } from '#engine/shell/interpreter/input'
import { decodeLossless } from '#engine/base/lossless'
import { type ReadText, splitRead } from '#engine/shell/builtins/read-split'
import { assign, isName } from '#engine/shell/state/access'
import { BuiltinError, VariableError } from '#engine/shell/state/signals'
import type { Shell } from '#engine/shell/state/shell'
import { ifsOf } from '#engine/shell/expand/separators'
import { IndexedArray } from '#engine/shell/state/variables'

interface ReadRequest {
  readonly raw: boolean
  /** -1 where no byte ends it. */
  readonly delimiter: number
  readonly count: number | undefined
  readonly exact: boolean
  readonly silent: boolean
  readonly prompt: string
  /** Seconds. */
  readonly timeout: string | undefined
  readonly array: string | undefined
  readonly names: readonly string[]
}

const nameOf = (text: string): string => /^([A-Za-z_]\w*)(?:\[.*\])?$/s.exec(text)?.[1] ?? ''

export const readBuiltin = builtin(async (call) => {
  const { flags, rest } = parseOptions(call, 'ersa:d:i:n:N:p:t:u:')
  const text = (letter: string): string | undefined => flags.get(letter) as string | undefined
  checkNames(rest, text('a'))
  const count = numeric(text('N') ?? text('n'), /^\d+$/, 'invalid number')
  const timeout = numeric(text('t') ?? defaultTimeout(call.shell), /^\d*\.?\d*$/, 'invalid timeout specification')
  const file = openFile(call, Number(numeric(text('u') ?? '0', /^\d+$/, 'invalid file descriptor specification')))
  const exact = text('N') !== undefined
  return readInto(call, file, {
    raw: flags.has('r'),
    delimiter: exact ? -1 : delimiterOf(text('d')),
    count: count === undefined ? undefined : Number(count),
    exact,
    silent: flags.has('s'),
    prompt: text('p') ?? '',
    timeout,
    array: text('a'),
    names: rest,
  })
})

function checkNames(names: readonly string[], array: string | undefined): void {
  const bad = names.find((name) => nameOf(name) === '') ?? (array !== undefined && !isName(array) ? array : undefined)
  if (bad !== undefined) throw new BuiltinError(`\`${bad}': not a valid identifier`)
}

function numeric(text: string | undefined, form: RegExp, problem: string): string | undefined {
  if (text !== undefined && !form.test(text)) throw new BuiltinError(`${text}: ${problem}`)
  return text
}

/** An empty one is the null byte. */
export function delimiterOf(text: string | undefined): number {
  if (text === undefined) return 10
  return text === '' ? 0 : text.charCodeAt(0)
}

/** TMOUT, in seconds. */
function defaultTimeout(shell: Shell): string | undefined {
  const value = shell.vars.find('TMOUT')?.scalar() ?? ''
  return /^[1-9]\d*$/.test(value) ? value : undefined
}

export function openFile(call: BuiltinCall, fd: number): OpenFile {
  try {
    return interruptible(call.shell, call.shell.process.descriptor(fd))
  } catch (error) {
    if (isErrno(error)) throw new BuiltinError(`${fd}: invalid file descriptor: Bad file descriptor`)
    throw error
  }
}

async function readInto(call: BuiltinCall, file: OpenFile, request: ReadRequest): Promise<number> {
  if (file.kind === 'tty') await call.shell.write(2, request.prompt)
  if (request.timeout !== undefined && Number(request.timeout) === 0) return file.readNow?.(0) === undefined && file.kind !== 'file' ? 1 : 0
  const restore = prepareTerminal(file, request)
  let outcome: Outcome | 'timeout'
  try {
    outcome = request.timeout === undefined ? await collect(file, request) : await withTimeout(call, file, request, Number(request.timeout) * 1000)
  } finally {
    restore()
  }
  distribute(call, outcome === 'timeout' ? nothing : outcome, request)
  if (outcome === 'timeout') return 142
  return outcome.complete ? 0 : 1
}

/** `-s` and `-n` change how the terminal takes keys, until the answer's function is called. */
function prepareTerminal(file: OpenFile, { silent, count }: ReadRequest): () => void {
  const terminal = file.kind === 'tty' ? file.tty : undefined
  const change = { ...(silent ? { echo: false } : {}), ...(count === undefined ? {} : { canonical: false }) }
  terminal?.setMode(change)
  return () => terminal?.setMode({ ...(silent ? { echo: true } : {}), ...(count === undefined ? {} : { canonical: true }) })
}

interface Outcome extends ReadText {
  readonly complete: boolean
}

const nothing: Outcome = { text: '', escaped: new Set(), complete: false }

/** What was read so far, backslashes taken out. */
class Collected {
  private readonly parts: string[] = []
  private length = 0
  private readonly escaped = new Set<number>()

  add(text: string): void {
    this.parts.push(text)
    this.length += text.length
  }

  addEscaped(text: string): void {
    this.escaped.add(this.length)
    this.add(text)
  }

  /** Adds a line; true where it ends in a backslash that continues it. */
  line(given: string, raw: boolean): boolean {
    const text = given.includes('\0') ? given.replace(/\0/g, '') : given
    if (raw || !text.includes('\\')) {
      this.add(text)
      return false
    }
    let last = 0
    for (const match of text.matchAll(/\\([^]?)/gu)) {
      this.add(text.slice(last, match.index))
      last = match.index + match[0].length
      if (match[1] === '') return true
      if (match[1] !== '\n') this.addEscaped(match[1] as string)
    }
    this.add(text.slice(last))
    return false
  }

  done(complete: boolean): Outcome {
    return { text: this.parts.join(''), escaped: this.escaped, complete }
  }
}

async function collect(file: OpenFile, request: ReadRequest): Promise<Outcome> {
  if (request.count !== undefined) return collectCount(file, request)
  const collected = new Collected()
  for (;;) {
    const line = await readLine(file, request.delimiter)
    if (!line) return collected.done(false)
    const continued = collected.line(line.text, request.raw)
    if (!continued || !line.complete) return collected.done(line.complete)
  }
}

async function collectCount(file: OpenFile, request: ReadRequest): Promise<Outcome> {
  const collected = new Collected()
  for (let count = 0; count < (request.count as number); count++) {
    const character = await readCharacter(file)
    if (character === undefined) return collected.done(false)
    if (!request.exact && character.charCodeAt(0) === request.delimiter) return collected.done(true)
    if (character !== '\\' || request.raw) {
      collected.add(character)
      continue
    }
    const next = await readCharacter(file)
    if (next === undefined) return collected.done(false)
    if (next === '\n') count--
    else collected.addEscaped(next)
  }
  return collected.done(true)
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
      const collected = new Collected()
      collected.line(decodeLossless(Uint8Array.from(bytes)), request.raw)
      return collected.done(!ended)
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

function distribute(call: BuiltinCall, line: ReadText, { array, names, exact }: ReadRequest): void {
  const { shell } = call
  if (array !== undefined) {
    const variable = shell.vars.obtain(array)
    if (variable.readonly) throw new VariableError(`${array}: readonly variable`)
    variable.value = new IndexedArray(splitRead(line, ifsOf(shell), Infinity))
    return
  }
  if (names.length === 0) return assign(shell, 'REPLY', line.text)
  const fields = exact ? [line.text] : splitRead(line, ifsOf(shell), names.length)
  names.forEach((name, index) => put(call, name, fields[index] ?? ''))
}

function put(call: BuiltinCall, name: string, value: string): void {
  const match = /^(\w+)\[([^]*)\]$/.exec(name)
  if (match) assign(call.shell, match[1] as string, value, { key: match[2] as string })
  else assign(call.shell, name, value)
}
