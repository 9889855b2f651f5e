/** Runs an awk program: BEGIN, then the rules for each record, then END. */
import type { Process } from '#engine/linux/abi/process'
import { PatternError, posixRegExp } from '#engine/shell/patterns/posix'
import type { Awk } from '#engine/programs/text/awk/awk'
import { evaluate } from '#engine/programs/text/awk/evaluate'
import { execute } from '#engine/programs/text/awk/execute'
import { MainInput } from '#engine/programs/text/awk/input'
import { Jump, RunTimeError } from '#engine/programs/text/awk/jump'
import { AwkRecord } from '#engine/programs/text/awk/record'
import { type Soon, whenDone } from '#engine/programs/text/awk/soon'
import { type Separator, Streams } from '#engine/programs/text/awk/streams'
import type { Expression, FunctionNode, Program, Rule, Statement } from '#engine/programs/text/awk/syntax'
import { toBoolean, toNumber, unset, type Value } from '#engine/programs/text/awk/values'
import { Variables } from '#engine/programs/text/awk/variables'

export class AwkMachine implements Awk {
  readonly functions: ReadonlyMap<string, FunctionNode>
  readonly streams: Streams
  readonly record: AwkRecord
  readonly variables: Variables
  readonly input: MainInput
  readonly random: { state: number; seed: number }
  calls = 0
  ticks = 0
  /** Complaints come before what is still buffered. */
  onError: ((error: RunTimeError) => Promise<unknown>) | undefined
  private exitCode = 0
  private readonly inRange = new Set<Rule>()
  private readonly regexes = new Map<string, RegExp>()

  constructor(
    readonly process: Process,
    private readonly program: Program,
  ) {
    this.functions = program.functions
    this.streams = new Streams(process)
    this.record = new AwkRecord({ text: (name) => this.variables.text(name), regex: (source) => this.regex(source) })
    this.variables = new Variables(this.record, process.env)
    this.input = new MainInput(this.streams, this.variables, () => this.separator())
    const seed = process.random.integer(2 ** 31)
    this.random = { state: seed, seed }
  }

  evaluate(node: Expression): Soon<Value> {
    return evaluate(this, node)
  }

  execute(statement: Statement): Promise<void> | undefined {
    return execute(this, statement)
  }

  regex(source: string): RegExp {
    let regex = this.regexes.get(source)
    if (/(?:^|(?<!\\)[(|])[*+?]/.test(source.replace(/\[\^?\]?[^\]]*\]/g, 'x'))) throw new PatternError('missing operand')
    if (!regex) this.regexes.set(source, (regex = posixRegExp(source, { extended: true, awk: true })))
    return regex
  }

  separator(): Separator {
    const text = this.variables.text('RS')
    if (text === '') return { kind: 'paragraph' }
    return text.length === 1 ? { kind: 'character', text } : { kind: 'regex', regex: this.regex(text) }
  }

  where(): string {
    const { FNR, NR } = this.variables.counts
    return `\tFILENAME="${this.variables.text('FILENAME')}" FNR=${FNR} NR=${NR}`
  }

  /** Runs everything; the answer is the exit status. */
  async run(): Promise<number> {
    const { rules } = this.program
    try {
      const going = await this.special(rules.filter((rule) => rule.kind === 'begin'))
      if (going && rules.some((rule) => rule.kind !== 'begin')) await this.main(rules.filter((rule) => rule.kind === 'pattern' || rule.kind === 'range'))
      await this.special(rules.filter((rule) => rule.kind === 'end'))
    } catch (error) {
      if (error instanceof RunTimeError) await this.onError?.(error)
      throw error
    } finally {
      await this.streams.closeAll()
    }
    return this.exitCode
  }

  /** BEGIN or END; false after exit. */
  private async special(rules: readonly Rule[]): Promise<boolean> {
    for (const { body } of rules) {
      const jump = await this.untilJump(async () => body && this.execute(body))
      if (jump?.kind === 'exit') return false
    }
    return true
  }

  private async main(rules: readonly Rule[]): Promise<void> {
    for (let text = await this.input.next(); text !== undefined; text = await this.input.next()) {
      this.record.setText(text)
      const jump = await this.untilJump(() => this.apply(rules))
      if (jump?.kind === 'exit') return
      if (jump?.kind === 'nextfile') this.input.close()
      if (this.isTimeToWrite()) await this.streams.flush()
    }
  }

  private async untilJump(run: () => Promise<void> | undefined): Promise<Jump | undefined> {
    try {
      await run()
      return undefined
    } catch (error) {
      if (!(error instanceof Jump)) throw error
      if (error.kind === 'exit' && error.value !== unset) this.exitCode = Math.trunc(toNumber(error.value)) & 255
      return error
    }
  }

  private async apply(rules: readonly Rule[]): Promise<void> {
    for (const rule of rules) {
      const chosen = this.chooses(rule)
      if (!(chosen instanceof Promise ? await chosen : chosen)) continue
      if (!rule.body) this.streams.print(this.record.whole() + this.variables.text('ORS'))
      const waiting = rule.body && this.execute(rule.body)
      if (waiting) await waiting
    }
  }

  private chooses(rule: Rule): Soon<boolean> {
    const { test, until } = rule
    if (test && until) return this.range(rule, test, until)
    return test ? whenDone(this.evaluate(test), toBoolean) : true
  }

  private async range(rule: Rule, from: Expression, to: Expression): Promise<boolean> {
    if (!this.inRange.has(rule)) {
      if (!toBoolean(await this.evaluate(from))) return false
      this.inRange.add(rule)
    }
    if (toBoolean(await this.evaluate(to))) this.inRange.delete(rule)
    return true
  }

  /** Who reads from a pipe or a terminal is not left waiting for lines that are done. */
  private isTimeToWrite(): boolean {
    return this.streams.isFull || (this.process.descriptors().get(0)?.kind !== 'file' && this.input.isOpen)
  }
}
