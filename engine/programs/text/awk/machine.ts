/**
 * Runs an awk program. Evaluation is synchronous and fast; only what waits (getline, system, close, long loops) answers with a
 * promise, and what contains it goes on when that is settled.
 */
import type { Process } from '#engine/linux/abi/process'
import { PatternError, posixRegExp } from '#engine/shell/patterns/posix'
import { type Builtins, callBuiltin } from '#engine/programs/text/awk/builtins'
import { formatAwk, FormatProblem } from '#engine/programs/text/awk/format'
import { AwkRecord, NegativeField } from '#engine/programs/text/awk/record'
import { type RecordReader, type Separator, Streams } from '#engine/programs/text/awk/streams'
import type { Expression, Place, Program, Statement } from '#engine/programs/text/awk/syntax'
import { compare, fromInput, toBoolean, toNumber, toText, unset, type Value } from '#engine/programs/text/awk/values'
import { isErrno } from '#engine/linux/abi/errno'

export type Soon<T> = T | Promise<T>

export class RunTimeError extends Error {}

class Jump {
  constructor(
    readonly kind: 'break' | 'continue' | 'next' | 'nextfile' | 'exit' | 'return',
    readonly value: Value = unset,
  ) {}
}

/** A variable: a value, or an array; an untyped argument may become the caller's array. */
interface Cell {
  value: Value
  array: Map<string, Value> | undefined
  link: Cell | undefined
}

export function whenDone<A, B>(value: Soon<A>, run: (value: A) => Soon<B>): Soon<B> {
  return value instanceof Promise ? value.then(run) : run(value)
}

const maxCalls = 4000

export class AwkMachine implements Builtins {
  readonly globals = new Map<string, Cell>()
  private locals: Map<string, Cell> | undefined
  readonly streams: Streams
  readonly record: AwkRecord
  private nr = 0
  private fnr = 0
  private exitCode = 0
  private calls = 0
  private ticks = 0
  private readonly inRange: boolean[] = []
  private reader: RecordReader | undefined
  private operands: string[]
  private usedOperand = false
  private regexes = new Map<string, RegExp>()
  seed: number
  previousSeed: number

  constructor(
    readonly process: Process,
    private readonly program: Program,
    operands: readonly string[],
  ) {
    this.streams = new Streams(process)
    const machine = this
    this.record = new AwkRecord({
      get fieldSeparator() { return machine.textOf('FS') },
      get outputSeparator() { return machine.textOf('OFS') },
      get convert() { return machine.convert },
      get paragraph() { return machine.textOf('RS') === '' },
      regex: (source) => this.regex(source),
    })
    this.operands = [...operands]
    this.seed = process.random.integer(2 ** 31)
    this.previousSeed = this.seed
    for (const [name, value] of Object.entries({ FS: ' ', OFS: ' ', RS: '\n', ORS: '\n', SUBSEP: '\x1c', CONVFMT: '%.6g', OFMT: '%.6g', RSTART: 0, RLENGTH: -1, FILENAME: '' })) this.cell(name).value = value
    const environ = this.arrayOf(this.cell('ENVIRON'))
    for (const [name, value] of process.env) environ.set(name, fromInput(value))
  }

  get convert(): string {
    return toText(this.cell('CONVFMT').value, '%.6g')
  }

  textOf(name: string): string {
    return toText(this.cell(name).value, '%.6g')
  }

  setArguments(name: string): void {
    const argv = this.arrayOf(this.cell('ARGV'))
    argv.set('0', name)
    this.operands.forEach((operand, index) => argv.set(String(index + 1), fromInput(operand)))
    this.cell('ARGC').value = this.operands.length + 1
  }

  cell(name: string): Cell {
    const local = this.locals?.get(name)
    if (local) return local
    let cell = this.globals.get(name)
    if (!cell) this.globals.set(name, (cell = { value: unset, array: undefined, link: undefined }))
    return cell
  }

  arrayOf(cell: Cell): Map<string, Value> {
    return (cell.array ??= cell.link ? this.arrayOf(cell.link) : new Map<string, Value>())
  }

  regex(source: string): RegExp {
    let regex = this.regexes.get(source)
    if (!regex) {
      regex = posixRegExp(source, { extended: true, awk: true })
      this.regexes.set(source, regex)
    }
    return regex
  }

  /** Runs everything; the answer is the exit status. */
  async run(): Promise<number> {
    const { rules } = this.program
    try {
      let going = await this.rules(rules.filter((rule) => rule.kind === 'begin').map((rule) => rule.body))
      const reads = rules.some((rule) => rule.kind !== 'begin')
      if (going && reads) going = await this.main()
      await this.rules(rules.filter((rule) => rule.kind === 'end').map((rule) => rule.body), !going)
    } catch (error) {
      if (error instanceof RunTimeError) await this.onError?.(error)
      throw error
    } finally {
      await this.streams.closeAll()
    }
    return this.exitCode
  }

  /** False after exit. */
  private async rules(bodies: readonly (Statement | undefined)[], skipped = false): Promise<boolean> {
    void skipped
    for (const body of bodies) {
      try {
        if (body) await this.execute(body)
      } catch (error) {
        if (!(error instanceof Jump)) throw error
        if (error.kind === 'exit') {
          if (error.value !== unset) this.exitCode = Math.trunc(toNumber(error.value)) & 255
          return false
        }
      }
    }
    return true
  }

  private async main(): Promise<boolean> {
    const rules = this.program.rules.filter((rule) => rule.kind === 'pattern' || rule.kind === 'range')
    for (;;) {
      const text = await this.nextRecord()
      if (text === undefined) return true
      this.record.setText(text)
      try {
        for (let i = 0; i < rules.length; i++) {
          const rule = rules[i] as (typeof rules)[number]
          const chosen = rule.kind === 'range' ? this.range(i, rule.test as Expression, rule.until as Expression) : rule.test ? whenDone(this.evaluate(rule.test), toBoolean) : true
          if (!(chosen instanceof Promise ? await chosen : chosen)) continue
          if (!rule.body) this.streams.print(this.record.whole() + this.textOf('ORS'))
          else {
            const waiting = this.execute(rule.body)
            if (waiting) await waiting
          }
        }
      } catch (error) {
        if (!(error instanceof Jump)) throw error
        if (error.kind === 'exit') {
          if (error.value !== unset) this.exitCode = Math.trunc(toNumber(error.value)) & 255
          return false
        }
        if (error.kind === 'nextfile') this.closeInput()
      }
      if (this.streams.print('') || this.streams.hasPending || (this.process.descriptors().get(0)?.kind !== 'file' && this.reader)) await this.streams.flush()
    }
  }

  private async range(index: number, from: Expression, to: Expression): Promise<boolean> {
    if (!this.inRange[index]) {
      if (!toBoolean(await this.evaluate(from))) return false
      this.inRange[index] = true
    }
    if (toBoolean(await this.evaluate(to))) this.inRange[index] = false
    return true
  }

  private separator(): Separator {
    const text = this.textOf('RS')
    if (text === '') return { kind: 'paragraph' }
    return text.length === 1 ? { kind: 'character', text } : { kind: 'regex', regex: this.regex(text) }
  }

  private closeInput(): void {
    this.reader?.done()
    this.reader = undefined
  }

  /** The next record of the main input; counts it. */
  private async nextRecord(): Promise<string | undefined> {
    for (;;) {
      if (!this.reader && !(await this.nextInput())) return undefined
      const text = await (this.reader as RecordReader | undefined)?.next(this.separator())
      if (text !== undefined) {
        this.nr++
        this.fnr++
        return text
      }
      this.closeInput()
    }
  }

  private async nextInput(): Promise<boolean> {
    const argc = Math.trunc(toNumber(this.cell('ARGC').value))
    const argv = this.arrayOf(this.cell('ARGV'))
    for (;;) {
      const index = ++this.operandIndex
      if (index >= argc) {
        if (this.usedOperand) return false
        this.usedOperand = true
        this.openInput('-')
        return true
      }
      const operand = argv.get(String(index))
      const text = operand === undefined ? '' : toText(operand, this.convert)
      if (text === '') continue
      const assignment = /^([A-Za-z_]\w*)=([^]*)$/.exec(text)
      if (assignment) {
        this.assignText(assignment[1] as string, assignment[2] as string)
        continue
      }
      this.usedOperand = true
      await this.streams.flush()
      this.openInput(text)
      return true
    }
  }

  private operandIndex = 0
  /** Complaints come before what is still buffered. */
  onError: ((error: RunTimeError) => Promise<unknown>) | undefined

  private openInput(name: string): void {
    this.cell('FILENAME').value = name
    this.fnr = 0
    this.reader = this.streams.open(name)
    if (!this.reader) throw new RunTimeError(`cannot open ${name} (No such file or directory)`)
  }

  assignText(name: string, raw: string): void {
    this.assign({ type: 'name', name }, fromInput(unescapeAssignment(raw)))
  }

  where(): string {
    return `\tFILENAME="${this.textOf('FILENAME')}" FNR=${this.fnr} NR=${this.nr}`
  }

  // Statements. A promise is returned only where something has to be waited for.

  execute(statement: Statement): Promise<void> | undefined {
    switch (statement.type) {
      case 'expression': return wait(this.evaluate(statement.expression))
      case 'block': return this.block(statement.body, 0)
      case 'print': return this.print(statement)
      case 'if': return wait(whenDone(this.evaluate(statement.test), (test) => (toBoolean(test) ? this.execute(statement.yes) : statement.no && this.execute(statement.no))))
      case 'while': return this.loop(statement.test, undefined, statement.body, true)
      case 'do': return this.loop(statement.test, undefined, statement.body, false)
      case 'for': return wait(whenDone(statement.start ? this.execute(statement.start) : undefined, () => this.loop(statement.test, statement.step, statement.body, true)))
      case 'forin': return this.forIn(statement)
      case 'delete': return this.remove(statement)
      case 'exit': case 'return': return wait(whenDone(statement.value ? this.evaluate(statement.value) : unset, (value): undefined => {
        throw new Jump(statement.type, value)
      }))
      default: throw new Jump(statement.type)
    }
  }

  private block(body: readonly Statement[], from: number): Promise<void> | undefined {
    for (let i = from; i < body.length; i++) {
      const waiting = this.execute(body[i] as Statement)
      if (waiting) return waiting.then(() => this.block(body, i + 1))
    }
    return undefined
  }

  /** False when the loop is broken. */
  private body(body: Statement): Soon<boolean> {
    const caught = (error: unknown): boolean => {
      if (error instanceof Jump && error.kind === 'break') return false
      if (error instanceof Jump && error.kind === 'continue') return true
      throw error
    }
    try {
      const waiting = this.execute(body)
      return waiting ? waiting.then(() => true, caught) : true
    } catch (error) {
      return caught(error)
    }
  }

  private loop(test: Expression | undefined, step: Statement | undefined, body: Statement, testFirst: boolean): Promise<void> | undefined {
    let checks = testFirst
    for (;;) {
      if (++this.ticks % 4096 === 0) return this.pause().then(() => this.loop(test, step, body, checks))
      if (checks && test) {
        const value = this.evaluate(test)
        if (value instanceof Promise) return value.then((result) => (toBoolean(result) ? this.loopOn(test, step, body) : undefined))
        if (!toBoolean(value)) return undefined
      }
      checks = true
      const on = this.body(body)
      if (on instanceof Promise) return on.then((goes) => (goes ? this.stepOn(test, step, body) : undefined))
      if (!on) return undefined
      const waiting = step && this.execute(step)
      if (waiting) return waiting.then(() => this.loop(test, step, body, true))
    }
  }

  private async loopOn(test: Expression | undefined, step: Statement | undefined, body: Statement): Promise<void> {
    if (await this.body(body)) await this.stepOn(test, step, body)
  }

  private async stepOn(test: Expression | undefined, step: Statement | undefined, body: Statement): Promise<void> {
    if (step) await this.execute(step)
    for (;;) {
      if (++this.ticks % 4096 === 0) await this.pause()
      if (test && !toBoolean(await this.evaluate(test))) return
      if (!(await this.body(body))) return
      if (step) await this.execute(step)
    }
  }

  private async pause(): Promise<void> {
    await this.process.compute(0.5)
    if (this.streams.print('')) await this.streams.flush()
  }

  /** mawk goes through the keys in their order as strings. */
  private forIn(statement: Statement & { type: 'forin' }): Promise<void> | undefined {
    const keys = [...this.arrayOf(this.cell(statement.array)).keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    const go = (from: number): Promise<void> | undefined => {
      for (let i = from; i < keys.length; i++) {
        this.assign({ type: 'name', name: statement.name }, fromInput(keys[i] as string))
        const on = this.body(statement.body)
        if (on instanceof Promise) return on.then((goes) => (goes ? go(i + 1) : undefined))
        if (!on) return undefined
      }
      return undefined
    }
    return go(0)
  }

  private remove(statement: Statement & { type: 'delete' }): Promise<void> | undefined {
    const array = this.arrayOf(this.cell(statement.name))
    if (!statement.index) {
      array.clear()
      return undefined
    }
    return wait(whenDone(this.key(statement.index), (key) => void array.delete(key)))
  }

  private print(statement: Statement & { type: 'print' }): Promise<void> | undefined {
    return wait(whenDone(this.list(statement.arguments), (values) => whenDone(statement.to ? this.evaluate(statement.to) : undefined, (to) => {
      const text = statement.format ? this.format(values, 'printf') : (values.length === 0 ? this.record.whole() : values.map((value) => toText(value, this.textOf('OFMT'))).join(this.textOf('OFS'))) + this.textOf('ORS')
      if (statement.redirect) {
        this.printTo(statement.redirect, toText(to as Value, this.convert), text)
        return undefined
      }
      return this.streams.print(text) ? this.streams.flush() : undefined
    })))
  }

  private printTo(kind: '>' | '>>' | '|', name: string, text: string): void {
    try {
      this.streams.printTo(kind, name, text)
    } catch (error) {
      if (!isErrno(error)) throw error
      throw new RunTimeError(`cannot open "${name}" for output (${error.message})`)
    }
  }

  format(values: readonly Value[], caller: string): string {
    try {
      return formatAwk(toText(values[0] ?? unset, this.convert), values.slice(1), this.convert, caller)
    } catch (error) {
      if (error instanceof FormatProblem) {
        if (caller === 'printf') this.streams.print(error.output)
        throw new RunTimeError(error.message)
      }
      throw error
    }
  }

  // Expressions.

  list(expressions: readonly Expression[]): Soon<Value[]> {
    const out: Value[] = []
    const go = (from: number): Soon<Value[]> => {
      for (let i = from; i < expressions.length; i++) {
        const value = this.evaluate(expressions[i] as Expression)
        if (value instanceof Promise) {
          return value.then((result) => {
            out.push(result)
            return go(i + 1)
          })
        }
        out.push(value)
      }
      return out
    }
    return go(0)
  }

  private key(index: readonly Expression[]): Soon<string> {
    if (index.length === 1) return whenDone(this.evaluate(index[0] as Expression), (value) => this.keyText(value))
    return whenDone(this.list(index), (values) => values.map((value) => this.keyText(value)).join(this.textOf('SUBSEP')))
  }

  private keyText(value: Value): string {
    return toText(value, this.convert)
  }

  evaluate(node: Expression): Soon<Value> {
    switch (node.type) {
      case 'number': return node.value
      case 'string': return node.value
      case 'regex': return this.regex(node.source).test(this.record.whole()) ? 1 : 0
      case 'name': return this.variable(node.name)
      case 'group': return this.evaluate(node.inner)
      case 'field': return whenDone(this.evaluate(node.index), (index) => this.field(index))
      case 'element': return whenDone(this.key(node.index), (key) => this.element(node.name, key))
      case 'assign': return this.assignment(node)
      case 'ternary': return whenDone(this.evaluate(node.test), (test) => this.evaluate(toBoolean(test) ? node.yes : node.no))
      case 'binary': return this.binary(node)
      case 'logical': return whenDone(this.evaluate(node.left), (left) => (toBoolean(left) === (node.operator === '||') ? (toBoolean(left) ? 1 : 0) : whenDone(this.evaluate(node.right), (right) => (toBoolean(right) ? 1 : 0))))
      case 'match': return whenDone(this.evaluate(node.left), (left) => whenDone(this.pattern(node.right), (regex) => (regex.test(toText(left, this.convert)) !== node.negated ? 1 : 0)))
      case 'unary': return whenDone(this.evaluate(node.operand), (value) => (node.operator === '!' ? (toBoolean(value) ? 0 : 1) : node.operator === '-' ? -toNumber(value) : toNumber(value)))
      case 'step': return whenDone(this.evaluate(node.target), (before) => whenDone(this.assign(node.target, toNumber(before) + node.by), (after) => (node.prefix ? after : toNumber(before))))
      case 'in': return whenDone(this.key(node.index), (key) => (this.arrayOf(this.cell(node.name)).has(key) ? 1 : 0))
      case 'call': return this.call(node)
      case 'builtin': return callBuiltin(this, node.name, node.arguments, node.bare)
      case 'getline': return this.getline(node)
    }
  }

  private variable(name: string): Value {
    if (name === 'NF') return this.record.nf
    if (name === 'NR') return this.nr
    if (name === 'FNR') return this.fnr
    const cell = this.cell(name)
    if (cell.array) throw new RunTimeError(`reference to ${name} as scalar`)
    return cell.value
  }

  private field(index: Value): Value {
    try {
      return this.record.get(Math.trunc(toNumber(index)))
    } catch (error) {
      if (error instanceof NegativeField) throw new RunTimeError(error.message)
      throw error
    }
  }

  private element(name: string, key: string): Value {
    const array = this.arrayOf(this.cell(name))
    let value = array.get(key)
    if (value === undefined) array.set(key, (value = unset))
    return value
  }

  /** A regular expression: literal, or the text of a value. */
  pattern(node: Expression): Soon<RegExp> {
    if (node.type === 'regex') return this.regex(node.source)
    return whenDone(this.evaluate(node), (value) => this.dynamicRegex(toText(value, this.convert)))
  }

  private dynamicRegex(source: string): RegExp {
    try {
      return this.regex(source)
    } catch (error) {
      if (error instanceof PatternError) throw new RunTimeError(`regular expression compile failed (${error.message})\n${source}`)
      throw error
    }
  }

  private assignment(node: Expression & { type: 'assign' }): Soon<Value> {
    if (node.operator === '=') return whenDone(this.evaluate(node.value), (value) => this.assign(node.target, value))
    return whenDone(this.evaluate(node.value), (value) => whenDone(this.evaluate(node.target), (before) => this.assign(node.target, this.arithmetic(node.operator.charAt(0), toNumber(before), toNumber(value)))))
  }

  assign(target: Place, value: Value): Soon<Value> {
    if (target.type === 'field') {
      return whenDone(this.evaluate(target.index), (index) => {
        try {
          this.record.set(Math.trunc(toNumber(index)), value)
        } catch (error) {
          if (error instanceof NegativeField) throw new RunTimeError(error.message)
          throw error
        }
        return value
      })
    }
    if (target.type === 'element') {
      return whenDone(this.key(target.index), (key) => {
        this.arrayOf(this.cell(target.name)).set(key, value)
        return value
      })
    }
    if (target.name === 'NF') this.record.setNf(Math.trunc(toNumber(value)))
    else if (target.name === 'NR') this.nr = Math.trunc(toNumber(value))
    else if (target.name === 'FNR') this.fnr = Math.trunc(toNumber(value))
    else {
      if (target.name === 'FS') void this.record.nf
      this.cell(target.name).value = value
    }
    return value
  }

  private binary(node: Expression & { type: 'binary' }): Soon<Value> {
    return whenDone(this.evaluate(node.left), (left) => whenDone(this.evaluate(node.right), (right) => {
      switch (node.operator) {
        case ' ': return toText(left, this.convert) + toText(right, this.convert)
        case '<': return compare(left, right, this.convert) < 0 ? 1 : 0
        case '<=': return compare(left, right, this.convert) <= 0 ? 1 : 0
        case '==': return compare(left, right, this.convert) === 0 ? 1 : 0
        case '!=': return compare(left, right, this.convert) !== 0 ? 1 : 0
        case '>': return compare(left, right, this.convert) > 0 ? 1 : 0
        case '>=': return compare(left, right, this.convert) >= 0 ? 1 : 0
        default: return this.arithmetic(node.operator, toNumber(left), toNumber(right))
      }
    }))
  }

  private arithmetic(operator: string, left: number, right: number): number {
    switch (operator) {
      case '+': return left + right
      case '-': return left - right
      case '*': return left * right
      case '/': return left / right
      case '%': return left % right
      default: return left ** right
    }
  }

  private call(node: Expression & { type: 'call' }): Soon<Value> {
    const definition = this.program.functions.get(node.name)
    if (!definition) throw new RunTimeError(`function ${node.name} never defined`)
    const cells: Cell[] = []
    const go = (from: number): Soon<Value> => {
      for (let i = from; i < node.arguments.length; i++) {
        const argument = node.arguments[i] as Expression
        const cell = argument.type === 'name' && !/^(NF|NR|FNR)$/.test(argument.name) ? this.cell(argument.name) : undefined
        if (cell && (cell.array || cell.value === unset)) {
          cells.push({ value: unset, array: cell.array, link: cell })
          continue
        }
        const value = this.evaluate(argument)
        if (value instanceof Promise) {
          return value.then((result) => {
            cells.push({ value: result, array: undefined, link: undefined })
            return go(i + 1)
          })
        }
        cells.push({ value, array: undefined, link: undefined })
      }
      return this.enter(definition.parameters, cells, definition.body)
    }
    return go(0)
  }

  private enter(parameters: readonly string[], cells: readonly Cell[], body: Statement): Soon<Value> {
    if (++this.calls > maxCalls) throw new RunTimeError('function call nesting too deep')
    const outer = this.locals
    this.locals = new Map(parameters.map((name, index) => [name, cells[index] ?? { value: unset, array: undefined, link: undefined }]))
    const leave = (): void => {
      this.calls--
      this.locals = outer
    }
    const caught = (error: unknown): Value => {
      leave()
      if (error instanceof Jump && error.kind === 'return') return error.value
      throw error
    }
    try {
      const waiting = this.execute(body)
      if (waiting) return waiting.then((): Value => (leave(), unset), caught)
      leave()
      return unset
    } catch (error) {
      return caught(error)
    }
  }

  private async getline(node: Expression & { type: 'getline' }): Promise<Value> {
    if (node.source === 'main') {
      const text = await this.nextRecord()
      if (text === undefined) return 0
      if (node.target) await this.assign(node.target, fromInput(text))
      else this.record.setText(text)
      return 1
    }
    const name = toText(await this.evaluate(node.from as Expression), this.convert)
    await this.streams.flush()
    const reader = this.streams.source(node.source, name)
    if (!reader) return -1
    const text = await reader.next(this.separator())
    if (text === undefined) return 0
    if (node.source === 'command') this.nr++
    if (node.target) await this.assign(node.target, fromInput(text))
    else this.record.setText(text)
    return 1
  }
}

function wait(value: Soon<unknown>): Promise<void> | undefined {
  return value instanceof Promise ? value.then(() => undefined) : undefined
}

function unescapeAssignment(raw: string): string {
  return raw.replace(/\\([0-7]{1,3}|[^])/g, (whole, c: string) => (/^[0-7]/.test(c) ? String.fromCharCode(Number.parseInt(c, 8)) : ((({ n: '\n', t: '\t', r: '\r', '\\': '\\', '"': '"', '/': '/', a: '\x07', b: '\b', f: '\f', v: '\v' }) as Record<string, string>)[c] ?? whole)))
}
