/** jq 1.6. */
import { encodeLossless } from '#engine/base/lossless'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { isErrno } from '#engine/linux/abi/errno'
import { Output, readInputText } from '#engine/programs/common/gnu'
import { checkProgram, type CompileProblem } from '#engine/programs/text/jq/checker'
import { JsonProblem, JsonStream } from '#engine/programs/text/jq/json-stream'
import { JqSyntaxError } from '#engine/programs/text/jq/lexer'
import { JqMachine } from '#engine/programs/text/jq/machine'
import type { Scope } from '#engine/programs/text/jq/scope'
import { type JqOptions, parseArguments } from '#engine/programs/text/jq/options'
import { parseJq } from '#engine/programs/text/jq/parser'
import type { Filter } from '#engine/programs/text/jq/syntax'
import { JqError, type Json, type JsonObject, printJson, toJson, truthy } from '#engine/programs/text/jq/values'

class Halt {
  constructor(
    readonly status: number,
    readonly message: Json | undefined,
  ) {}
}

const usageText = `jq - commandline JSON processor [version 1.6]

Usage:\tjq [options] <jq filter> [file...]
\tjq [options] --args <jq filter> [strings...]
\tjq [options] --jsonargs <jq filter> [JSON_TEXTS...]

jq is a tool for processing JSON inputs, applying the given filter to
its JSON text inputs and producing the filter's results as JSON on
standard output.
`

export const jq: Program = {
  name: 'jq',
  async run(process) {
    const options = await parseArguments(process)
    if ('message' in options) {
      await (options.status === 0 ? process.stdout : process.stderr).write(encodeLossless(options.message === '' ? usageText : options.message))
      return options.status
    }
    const variables: JsonObject = { ...options.variables, ARGS: { positional: options.positional, named: options.variables } }
    const program = await compile(process, options, variables)
    if (typeof program === 'number') return program
    return new Run(process, options, program, variables).run()
  },
}

async function compile(process: Process, options: JqOptions, variables: JsonObject): Promise<Filter | number> {
  const text = options.filter
  const missing = /^\s*(?:import|include)\s+"([^"]*)"/.exec(text)?.[1]
  if (missing !== undefined) {
    await process.stderr.write(encodeLossless(`jq: error: module not found: ${missing}\n\njq: 1 compile error\n`))
    return 3
  }
  try {
    const program = parseJq(text)
    const problems = checkProgram(program, [...Object.keys(variables), 'ENV'])
    return problems.length > 0 ? await report(process, text, problems) : program
  } catch (error) {
    if (!(error instanceof JqSyntaxError)) throw error
    const message = /Unix shell/.test(error.message) ? error.message : `${error.message} (Unix shell quoting issues?)`
    const open = /\bend\b/.test(text) || !/\bthen\b/.test(text) ? -1 : text.search(/\bif\b/)
    return report(process, text, [{ message, at: error.at }, ...(open < 0 ? [] : [{ message: "Possibly unterminated 'if' statement", at: open }])])
  }
}

/** jq shows the line, and behind it as many blanks as stand before the place. */
async function report(process: Process, text: string, problems: readonly CompileProblem[]): Promise<number> {
  const shown = problems.map(({ message, at }) => {
    const before = text.slice(0, at).split('\n')
    return `jq: error: ${message} at <top-level>, line ${before.length}:\n${text.split('\n')[before.length - 1] ?? ''}${' '.repeat(before.at(-1)?.length ?? 0)}\n`
  })
  await process.stderr.write(encodeLossless(`${shown.join('')}jq: ${problems.length} compile error${problems.length === 1 ? '' : 's'}\n`))
  return 3
}

class Run {
  private readonly out: Output
  private stream: JsonStream | undefined
  private text = ''
  private current: string | null = null
  private fileIndex = 0
  private texts: { name: string | null; text: string }[] = []
  private failed = false
  private parseFailed = false
  private last: Json = undefined
  private readonly notes: string[] = []
  private steps = 0

  constructor(
    private readonly process: Process,
    private readonly options: JqOptions,
    private readonly program: Filter,
    private readonly variables: JsonObject,
  ) {
    this.out = new Output(process)
  }

  async run(): Promise<number> {
    const scope = Object.entries(this.variables).reduce<Scope | undefined>((next, [name, value]) => ({ kind: 'variable', name, value, next }), undefined)
    const machine = new JqMachine({
      environment: () => Object.fromEntries(this.process.env),
      now: () => this.process.clock.now(),
      nextInput: () => this.nextInput(),
      inputLine: () => this.lineNumber(),
      inputName: () => this.current,
      debug: (value) => this.notes.push(`["DEBUG:",${toJson(value)}]\n`),
      stderr: (value) => this.notes.push(toJson(value)),
      halt: (status, message) => {
        throw new Halt(status, message)
      },
      tick: () => {
        this.steps++
      },
    })
    await this.readFiles()
    try {
      await this.inputs(machine, scope)
    } catch (error) {
      if (error instanceof Halt) return this.halted(error)
      if (!(error instanceof JsonProblem)) throw error
      await this.beforeMessage()
      await this.process.stderr.write(encodeLossless(`parse error: ${error.message}\n`))
      this.parseFailed = true
    }
    await this.note()
    await this.out.flush()
    return this.status()
  }

  private async inputs(machine: JqMachine, scope: Scope | undefined): Promise<void> {
    if (this.options.nullInput) return this.each(machine, null, scope)
    if (this.options.slurp) return this.each(machine, this.slurped(), scope)
    for (let input = this.nextInput(); input; input = this.nextInput()) await this.each(machine, input.value, scope)
  }

  private status(): number {
    if (this.failed) return 5
    if (this.parseFailed) return 4
    if (this.missing) return 2
    if (!this.options.exitStatus) return 0
    return this.last === undefined ? 4 : truthy(this.last) ? 0 : 1
  }

  private missing = false

  private async readFiles(): Promise<void> {
    const files = this.options.files
    if (files.length === 0) {
      if (!this.options.nullInput || /\binputs?\b/.test(this.options.filter)) this.texts.push({ name: null, text: await readInputText(this.process, '-') })
      return
    }
    for (const file of files) {
      try {
        this.texts.push({ name: file, text: await readInputText(this.process, file) })
      } catch (error) {
        if (!isErrno(error)) throw error
        this.missing = true
        await this.process.stderr.write(encodeLossless(`jq: error: Could not open file ${file}: ${error.message}\n`))
      }
    }
  }

  private rawLines: string[] | undefined

  private readonly events: Json[] = []

  /** With --stream each value comes in pieces. */
  private nextInput(): { value: Json } | undefined {
    if (!this.options.stream) return this.nextValue()
    for (;;) {
      if (this.events.length > 0) return { value: this.events.shift() as Json }
      const next = this.nextValue()
      if (!next) return undefined
      this.events.push(...eventsOf(next.value))
    }
  }

  private nextValue(): { value: Json } | undefined {
    if (this.options.rawInput && !this.options.slurp) {
      this.rawLines ??= this.texts.flatMap(({ text }) => (text === '' ? [] : text.replace(/\n$/, '').split('\n')))
      const line = this.rawLines.shift()
      return line === undefined ? undefined : { value: line }
    }
    for (;;) {
      if (!this.stream) {
        const next = this.texts[this.fileIndex++]
        if (!next) return undefined
        this.current = next.name
        this.text = next.text
        this.stream = new JsonStream(this.options.seq ? this.inSequence(next.text) : next.text)
      }
      const value = this.stream.next()
      if (value) return value
      this.stream = undefined
    }
  }

  /** With --seq values follow record separators; what stands before the first is given up. */
  private inSequence(text: string): string {
    const first = text.indexOf('\x1e')
    if (first >= 0) return text.slice(first).replaceAll('\x1e', ' ')
    const lines = text.split('\n')
    if (text.trim() !== '') this.notes.push(`ignoring parse error: Unfinished abandoned text at EOF at line ${lines.length}, column ${lines.at(-1)?.length ?? 0}\n`)
    return ''
  }

  private slurped(): Json {
    if (this.options.rawInput) return this.texts.map(({ text }) => text).join('')
    const out: Json[] = []
    for (let input = this.nextInput(); input; input = this.nextInput()) out.push(input.value)
    return out
  }

  private lineNumber(): number {
    return this.text.split('\n').length - 1
  }

  private async each(machine: JqMachine, input: Json, scope: Scope | undefined): Promise<void> {
    try {
      for (const value of machine.values(this.program, input, scope)) {
        await this.note()
        machine.restart()
        this.last = value
        await this.out.write(this.shown(value))
        if (this.steps > 20000) {
          await this.process.compute(this.steps / 20000)
          this.steps = 0
        }
      }
      await this.note()
    } catch (error) {
      await this.note()
      if (error instanceof JqError) return this.problem(error)
      if (error instanceof RangeError) return this.problem(new JqError('Maximum evaluation depth exceeded'))
      throw error
    }
  }

  private async note(): Promise<void> {
    if (this.notes.length === 0) return
    const text = this.notes.splice(0).join('')
    await this.beforeMessage()
    await this.process.stderr.write(encodeLossless(text))
  }

  /** A terminal shows at once what was written; elsewhere it waits in a buffer, and messages overtake it. */
  private async beforeMessage(): Promise<void> {
    if (this.process.descriptor(1).kind === 'tty') await this.out.flush()
  }

  private async problem(error: JqError): Promise<void> {
    await this.beforeMessage()
    if (error.value === null || error.value === undefined) return
    this.failed = true
    const where = this.options.nullInput && this.current === null && this.texts.length === 0 ? '<unknown>' : `${this.current ?? '<stdin>'}:${this.lineNumber()}`
    const text = typeof error.value === 'string' ? `jq: error (at ${where}): ${error.value}` : `jq: error (at ${where}) (not a string): ${toJson(error.value)}`
    await this.process.stderr.write(encodeLossless(`${text}\n`))
  }

  private shown(value: Json): string {
    const { options } = this
    const start = options.seq ? '\x1e' : ''
    const end = options.joinOutput ? '' : options.rawZero ? '\0' : '\n'
    if ((options.rawOutput || options.joinOutput) && typeof value === 'string') return start + value + end
    return start + printJson(value, { indent: options.indent, sortKeys: options.sortKeys, ascii: options.ascii, color: options.color }) + end
  }

  private async halted(halt: Halt): Promise<number> {
    await this.out.flush()
    if (halt.message !== undefined) await this.process.stderr.write(encodeLossless(typeof halt.message === 'string' ? halt.message : `${toJson(halt.message)}\n`))
    return halt.status
  }
}

/** A value in the pieces of --stream: each leaf with its path, and after the last of a container the path alone. */
function eventsOf(value: Json, path: readonly Json[] = []): Json[] {
  const pairs: [Json, Json][] = Array.isArray(value) ? value.map((item, index): [Json, Json] => [index, item]) : value !== null && typeof value === 'object' ? Object.entries(value) : []
  if (pairs.length === 0) return [[[...path], value]]
  const inside = pairs.flatMap(([key, item]) => eventsOf(item, [...path, key]))
  return [...inside, [[...path, (pairs.at(-1) as [Json, Json])[0]]]]
}

export const jqPrograms: readonly Program[] = [jq]
