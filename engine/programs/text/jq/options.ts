/** jq's arguments. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { JsonProblem, JsonStream } from '#engine/programs/text/jq/json-stream'
import type { Json, JsonObject } from '#engine/programs/text/jq/values'

export interface JqOptions {
  readonly filter: string
  readonly files: readonly string[]
  readonly variables: JsonObject
  readonly positional: readonly Json[]
  readonly nullInput: boolean
  readonly rawInput: boolean
  readonly slurp: boolean
  readonly rawOutput: boolean
  readonly joinOutput: boolean
  readonly rawZero: boolean
  readonly ascii: boolean
  readonly sortKeys: boolean
  readonly color: boolean
  readonly exitStatus: boolean
  readonly indent: string | undefined
  readonly stream: boolean
  readonly seq: boolean
}

export interface JqEnd {
  readonly message: string
  readonly status: number
}

const hint = 'Use jq --help for help with command-line options,\nor see the jq manpage, or online docs  at https://stedolan.github.io/jq\n'
const letters: Readonly<Record<string, string>> = { c: 'compact-output', r: 'raw-output', j: 'join-output', a: 'ascii-output', s: 'slurp', n: 'null-input', R: 'raw-input', S: 'sort-keys', C: 'color-output', M: 'monochrome-output', e: 'exit-status', h: 'help', V: 'version', f: 'from-file', L: 'library-path' }
const known = new Set([...Object.values(letters), 'tab', 'indent', 'arg', 'argjson', 'slurpfile', 'rawfile', 'args', 'jsonargs', 'unbuffered', 'seq', 'stream', 'argfile', 'raw-output0', 'build-configuration'])

/** What an option's second parameter is called. */
const values: Readonly<Record<string, string>> = { arg: 'value', argjson: 'text' }

export async function parseArguments(process: Process): Promise<JqOptions | JqEnd> {
  return new ArgumentReader(process).run()
}

class ArgumentReader {
  private readonly args: readonly string[]
  private readonly on = new Set<string>()
  private readonly variables: JsonObject = {}
  private readonly positional: Json[] = []
  private readonly rest: string[] = []
  private filter: string | undefined
  private fromFile = false
  private indent = '  '
  private collecting: 'files' | 'args' | 'jsonargs' = 'files'
  private at = 0

  constructor(private readonly process: Process) {
    this.args = process.argv.slice(1)
  }

  async run(): Promise<JqOptions | JqEnd> {
    let plain = false
    for (; this.at < this.args.length; this.at++) {
      const arg = this.args[this.at] as string
      if (!plain && arg === '--') plain = true
      else {
        const end = plain || !/^-./.test(arg) ? this.operand(arg) : arg.startsWith('--') ? this.option(arg.slice(2)) : this.cluster(arg)
        if (end) return end
      }
    }
    return this.fromFile ? this.filterFile() : this.withFilter()
  }

  private operand(arg: string): JqEnd | undefined {
    if (this.filter === undefined && !this.fromFile) this.filter = arg
    else if (this.collecting === 'files') this.rest.push(arg)
    else return this.takePositional(arg)
    return undefined
  }

  private filterFile(): JqOptions | JqEnd {
    const file = this.filter ?? this.rest.shift() ?? ''
    try {
      return this.options(this.process.files.readText(file))
    } catch (error) {
      if (!isErrno(error)) throw error
      return { message: `jq: Could not open ${file}: ${error.message}\n`, status: 2 }
    }
  }

  /** Without a filter a terminal gets help, a pipe its input. */
  private withFilter(): JqOptions | JqEnd {
    const interactive = this.process.descriptors().get(0)?.kind === 'tty' || this.process.descriptors().get(1)?.kind === 'tty'
    return this.filter === undefined && interactive ? { message: '', status: 2 } : this.options(this.filter ?? '.')
  }

  private options(filter: string): JqOptions {
    const { on } = this
    const tty = this.process.descriptors().get(1)?.kind === 'tty'
    return {
      filter, files: this.rest, variables: this.variables, positional: this.positional, nullInput: on.has('null-input'), rawInput: on.has('raw-input'), slurp: on.has('slurp'), rawOutput: on.has('raw-output') || on.has('raw-output0'), joinOutput: on.has('join-output'), rawZero: on.has('raw-output0'),
      ascii: on.has('ascii-output'), sortKeys: on.has('sort-keys'), color: on.has('color-output') || (tty && !on.has('monochrome-output')), exitStatus: on.has('exit-status'), stream: on.has('stream'), seq: on.has('seq'), indent: on.has('compact-output') ? undefined : this.indent,
    }
  }

  private cluster(arg: string): JqEnd | undefined {
    for (const letter of arg.slice(1)) {
      const name = letters[letter]
      if (name === undefined) return { message: `jq: Unknown option ${arg}\n${hint}`, status: 2 }
      const outcome = this.option(name)
      if (outcome) return outcome
    }
    return undefined
  }

  private option(name: string): JqEnd | undefined {
    if (name === 'help') return { message: '', status: 0 }
    if (name === 'version') return { message: 'jq-1.6\n', status: 0 }
    if (!known.has(name)) return { message: `jq: Unknown option --${name}\n${hint}`, status: 2 }
    if (/^(arg|argjson|slurpfile|rawfile|argfile)$/.test(name)) return this.named(name)
    if (name === 'indent') return this.indentation(this.args[++this.at])
    if (name === 'tab') this.indent = '\t'
    else if (name === 'from-file') this.fromFile = true
    else if (name === 'library-path') this.at++
    else if (/^(json)?args$/.test(name)) this.collecting = name as 'args'
    else this.on.add(name)
    return undefined
  }

  private indentation(text: string | undefined): JqEnd | undefined {
    const count = Number(/^\s*[-+]?\d+/.exec(text ?? '')?.[0] ?? 0)
    if (text === undefined) return { message: `jq: --indent takes one parameter\n${hint}`, status: 2 }
    if (count < -1 || count > 7) return { message: `jq: --indent takes a number between -1 and 7\n${hint}`, status: 2 }
    this.indent = count < 0 ? '\t' : ' '.repeat(count)
    if (count === 0) this.on.add('compact-output')
    return undefined
  }

  private named(option: string): JqEnd | undefined {
    const name = this.args[this.at + 1]
    const text = this.args[this.at + 2]
    if (name === undefined || text === undefined) return { message: `jq: --${option} takes two parameters (e.g. --${option} varname ${values[option] ?? 'filename'})\n${hint}`, status: 2 }
    this.at += 2
    try {
      this.variables[name] = this.valueOf(option, text)
      return undefined
    } catch (error) {
      if (option === 'argjson' && error instanceof JsonProblem) return { message: `jq: invalid JSON text passed to --argjson\n${hint}`, status: 2 }
      if (!(error instanceof JsonProblem) && !isErrno(error)) throw error
      return { message: `jq: Bad JSON in --${option} ${name} ${text}: ${isErrno(error) ? `Could not open ${text}: ` : ''}${error.message}\n`, status: 2 }
    }
  }

  private valueOf(option: string, text: string): Json {
    if (option === 'arg') return text
    if (option === 'argjson') return parseOne(text)
    if (option === 'rawfile') return this.process.files.readText(text)
    const found = parseAll(this.process.files.readText(text))
    return option === 'argfile' && found.length === 1 ? found[0] : found
  }

  private takePositional(text: string): JqEnd | undefined {
    if (this.collecting === 'args') {
      this.positional.push(text)
      return undefined
    }
    try {
      this.positional.push(parseOne(text))
      return undefined
    } catch (error) {
      if (!(error instanceof JsonProblem)) throw error
      return { message: `jq: Invalid JSON text passed to --jsonargs\n${hint}`, status: 2 }
    }
  }
}

function parseAll(text: string): Json[] {
  const stream = new JsonStream(text)
  const out: Json[] = []
  for (let next = stream.next(); next; next = stream.next()) out.push(next.value)
  return out
}

function parseOne(text: string): Json {
  const values = parseAll(text)
  if (values.length !== 1) throw new JsonProblem('not one value')
  return values[0]
}
