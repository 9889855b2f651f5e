/** A program that runs, as its parts see it. */
import type { Process } from '#engine/linux/abi/process'
import type { MainInput } from '#engine/programs/text/awk/input'
import type { AwkRecord } from '#engine/programs/text/awk/record'
import type { Soon } from '#engine/programs/text/awk/soon'
import type { Separator, Streams } from '#engine/programs/text/awk/streams'
import type { Expression, FunctionNode, Statement } from '#engine/programs/text/awk/syntax'
import type { Value } from '#engine/programs/text/awk/values'
import type { Variables } from '#engine/programs/text/awk/variables'

export interface Awk {
  readonly process: Process
  readonly functions: ReadonlyMap<string, FunctionNode>
  readonly variables: Variables
  readonly record: AwkRecord
  readonly streams: Streams
  readonly input: MainInput
  /** Of `rand`. */
  readonly random: { state: number; seed: number }
  /** Depth of function calls. */
  calls: number
  /** Turns of loops: now and then the machine's other processes get theirs. */
  ticks: number
  evaluate(node: Expression): Soon<Value>
  execute(statement: Statement): Promise<void> | undefined
  regex(source: string): RegExp
  separator(): Separator
}
