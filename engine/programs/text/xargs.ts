/** xargs (findutils 4.9). */
import { encodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option, optional } from '#engine/linux/abi/flags'
import { complain, programName, readInputText, reason } from '#engine/programs/common/gnu'
import { which } from '#engine/programs/coreutils/running'
import { readLine } from '#engine/shell/interpreter/input'
import { quoteIfNeeded } from '#engine/shell/expand/quote'

const maxLength = 131072

class Stop {
  constructor(readonly status: number) {}
}

export const xargs = defineProgram({
  name: 'xargs',
  version: 'xargs (GNU findutils) 4.9.0',
  usage: '[OPTION]... COMMAND [INITIAL-ARGS]...',
  flags: { null: flag('-0', '--null'), file: option('-a', '--arg-file'), delimiter: option('-d', '--delimiter'), eof: option('-E'), eofOld: optional('-e', '--eof'), replace: option('-I'), replaceOld: optional('-i', '--replace'), maxLines: option('-L'), linesOld: optional('-l', '--max-lines'), maxArgs: option('-n', '--max-args'), interactive: flag('-p', '--interactive'), maxProcs: option('-P', '--max-procs'), noRunIfEmpty: flag('-r', '--no-run-if-empty'), maxChars: option('-s', '--max-chars'), limits: flag('--show-limits'), verbose: flag('-t', '--verbose'), exit: flag('-x', '--exit'), openTty: flag('-o', '--open-tty'), slot: option('--process-slot-var') },
  stopAtOperand: true,
  async run(process, o) {
    for (const [value, name, least] of [[o.maxArgs, '-n', 1], [o.maxLines, '-L', 1], [o.maxProcs, '-P', 0]] as const) {
      if (value === undefined) continue
      if (!/^[+-]?\d+$/.test(value)) {
        await complain(process, `invalid number "${value}" for ${name} option`)
        await process.stderr.write(`Try '${programName(process)} --help' for more information.\n`)
        return 1
      }
      if (Number(value) < least) {
        await complain(process, `value ${value} for ${name} option should be >= ${least}\nTry '${programName(process)} --help' for more information.`)
        return 1
      }
    }
    let text: string
    try {
      text = await readInputText(process, o.file ?? '-')
    } catch (error) {
      await complain(process, `Cannot open input file \u2018${o.file ?? ''}\u2019: ${reason(error)}`)
      return 1
    }
    const replace = o.replace ?? (o.replaceOld === '' ? '{}' : o.replaceOld)
    const lines = o.maxLines ?? (o.linesOld === '' ? '1' : o.linesOld)
    const delimiter = o.null ? '\0' : o.delimiter === undefined ? undefined : unescape(o.delimiter)
    const items = delimiter !== undefined ? delimited(text, delimiter) : replace !== undefined ? wholeLines(text) : words(text)
    if (typeof items === 'string') {
      await complain(process, items)
      return 1
    }
    const end = o.eof === undefined ? -1 : items.findIndex((item) => item.text === o.eof)
    const runner = new Runner(process, o.operands.length > 0 ? o.operands : ['echo'], { verbose: o.verbose, interactive: o.interactive, parallel: o.maxProcs === undefined ? 1 : Number(o.maxProcs) || 64 })
    try {
      await batches(runner, end < 0 ? items : items.slice(0, end), { replace, perCall: o.maxArgs === undefined ? undefined : Number(o.maxArgs), perLines: lines === undefined ? undefined : Number(lines), runEmpty: !o.noRunIfEmpty })
      await runner.finish()
    } catch (error) {
      if (!(error instanceof Stop)) throw error
      return error.status
    }
    return runner.status
  },
})

interface Item {
  readonly text: string
  readonly line: number
}

function unescape(text: string): string {
  return text.replace(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)/g, (_, c: string) => (/^x/.test(c) ? String.fromCharCode(Number.parseInt(c.slice(1), 16)) : /^[0-7]/.test(c) ? String.fromCharCode(Number.parseInt(c, 8)) : ((({ n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', b: '\b', a: '\x07' }) as Record<string, string>)[c] ?? c))).charAt(0)
}

function delimited(text: string, delimiter: string): Item[] {
  const parts = text.split(delimiter)
  if (parts[parts.length - 1] === '') parts.pop()
  return parts.map((part, line) => ({ text: part, line }))
}

/** With -I: a line each, its leading blanks gone, quotes still meaning something. */
function wholeLines(text: string): Item[] | string {
  const out: Item[] = []
  for (const [line, raw] of text.split('\n').entries()) {
    const trimmed = raw.replace(/^[ \t]+/, '')
    if (trimmed === '') continue
    const parsed = unquoteLine(trimmed)
    if (parsed === undefined) return unmatched(trimmed)
    out.push({ text: parsed, line })
  }
  return out
}

function unquoteLine(text: string): string | undefined {
  let out = ''
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string
    if (c === '\\' && i + 1 < text.length) out += text[++i]
    else if (c === "'" || c === '"') {
      const close = text.indexOf(c, i + 1)
      if (close < 0) return undefined
      out += text.slice(i + 1, close)
      i = close
    } else out += c
  }
  return out
}

function unmatched(text: string): string {
  const kind = /["']/.exec(text)?.[0] === '"' ? 'double' : 'single'
  return `unmatched ${kind} quote; by default quotes are special to xargs unless you use the -0 option`
}

function words(text: string): Item[] | string {
  const out: Item[] = []
  let current: string | undefined
  let line = 0
  const flush = (): void => {
    if (current !== undefined) out.push({ text: current, line })
    current = undefined
  }
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string
    if (c === '\n') {
      flush()
      if (!/[ \t]/.test(text[i - 1] ?? 'x')) line++
    } else if (c === ' ' || c === '\t') flush()
    else if (c === '\\' && i + 1 < text.length) current = (current ?? '') + (text[++i] as string)
    else if (c === "'" || c === '"') {
      const close = text.indexOf(c, i + 1)
      if (close < 0 || text.slice(i, close).includes('\n')) return `unmatched ${c === '"' ? 'double' : 'single'} quote; by default quotes are special to xargs unless you use the -0 option`
      current = (current ?? '') + text.slice(i + 1, close)
      i = close
    } else current = (current ?? '') + c
  }
  flush()
  return out
}

interface BatchOptions {
  readonly replace: string | undefined
  readonly perCall: number | undefined
  readonly perLines: number | undefined
  readonly runEmpty: boolean
}

async function batches(runner: Runner, items: readonly Item[], o: BatchOptions): Promise<void> {
  if (o.replace !== undefined) {
    const mark = o.replace
    for (const { text } of items) await runner.start(runner.command.map((word) => word.replaceAll(mark, text)))
    return
  }
  if (items.length === 0) {
    if (o.runEmpty) await runner.start(runner.command)
    return
  }
  let batch: string[] = []
  let size = 0
  let firstLine = -1
  let lines = 0
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await runner.start([...runner.command, ...batch])
    batch = []
    size = 0
    lines = 0
    firstLine = -1
  }
  for (const { text, line } of items) {
    if (o.perLines !== undefined && line !== firstLine && ++lines > o.perLines) {
      await flush()
      lines = 1
    }
    firstLine = line
    batch.push(text)
    size += text.length + 1
    if (batch.length === o.perCall || size > maxLength) await flush()
  }
  await flush()
}

class Runner {
  status = 0
  private running: Promise<void>[] = []

  constructor(
    private readonly process: Process,
    readonly command: readonly string[],
    private readonly o: { verbose: boolean; interactive: boolean; parallel: number },
  ) {}

  /** `-p` asks at the terminal, whatever standard input is. */
  private async confirmed(): Promise<boolean> {
    let terminal
    try {
      terminal = this.process.files.open('/dev/tty', { read: true })
    } catch (error) {
      await complain(this.process, `failed to open /dev/tty for reading: ${reason(error)}`)
      throw new Stop(1)
    }
    await this.process.stderr.write('?...')
    const line = await readLine(terminal)
    terminal.release()
    return /^[yY]/.test(line?.text ?? '')
  }

  async start(argv: readonly string[]): Promise<void> {
    if (this.o.verbose || this.o.interactive) await this.process.stderr.write(encodeLossless(`${argv.map(quoteIfNeeded).join(' ')}${this.o.interactive ? '' : '\n'}`))
    if (this.o.interactive && !(await this.confirmed())) return
    const path = which(this.process, argv[0] as string)
    let child
    try {
      if (path === undefined) throw new Stop(127)
      child = this.process.spawn(path, argv, { descriptors: new Map([[0, this.process.files.open('/dev/null', { read: true })]]) })
    } catch (error) {
      if (!(error instanceof Stop) && !isErrno(error)) throw error
      await complain(this.process, `${argv[0] as string}: ${error instanceof Stop ? 'No such file or directory' : error.message}`)
      throw new Stop(error instanceof Stop || isErrno(error, 'ENOENT') ? 127 : 126)
    }
    const started = child
    const done = (async (): Promise<void> => {
      const status = await started.wait()
      if (status.kind === 'signaled') {
        await complain(this.process, `${argv[0] as string}: terminated by signal ${status.signal}`)
        throw new Stop(125)
      }
      if (status.code === 255) {
        await complain(this.process, `${argv[0] as string}: exited with status 255; aborting`)
        throw new Stop(124)
      }
      if (status.code !== 0) this.status = 123
    })()
    if (this.o.parallel <= 1) return done
    this.running.push(done)
    if (this.running.length >= this.o.parallel) {
      await Promise.race(this.running)
      this.running.shift()
    }
  }

  async finish(): Promise<void> {
    await Promise.all(this.running)
  }
}

export const xargsPrograms: readonly Program[] = [xargs]
