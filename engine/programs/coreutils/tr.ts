/** tr. */
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag } from '#engine/linux/abi/flags'
import { complain, inputChunks, quote, usageFailure } from '#engine/programs/common/gnu'
import { type ByteSet, complement, fillUp, parseSet, SetError } from '#engine/programs/coreutils/tr-sets'

interface Options {
  readonly complement: boolean
  readonly delete: boolean
  readonly squeeze: boolean
  readonly truncate: boolean
}

const tr = defineProgram({
  name: 'tr',
  usage: '[OPTION]... STRING1 [STRING2]',
  flags: { complement: flag('-c', '-C', '--complement'), delete: flag('-d', '--delete'), squeeze: flag('-s', '--squeeze-repeats'), truncate: flag('-t', '--truncate-set1') },
  stopAtOperand: true,
  async run(process, o) {
    const wrong = operandProblem(process, o, o.operands)
    if (wrong !== undefined) return usageFailure(process, wrong)
    const [first = '', second] = o.operands
    for (const text of o.operands) if (/(^|[^\\])(\\\\)*\\$/.test(text)) await complain(process, 'warning: an unescaped backslash at end of string is not portable')
    try {
      const translate = translator(planOf(o, parseSet(first), second === undefined ? undefined : parseSet(second)))
      for await (const chunk of inputChunks(process, '-')) await process.stdout.write(translate(chunk))
      return 0
    } catch (error) {
      if (!(error instanceof SetError)) throw error
      await complain(process, error.quoted === undefined ? error.message : `${error.message} ${quote(process, error.quoted)}`)
      return 1
    }
  },
})

function operandProblem(process: Process, o: Options, operands: readonly string[]): string | undefined {
  const [first, second, third] = operands
  const oneOnly = o.delete && !o.squeeze
  if (first === undefined) return 'missing operand'
  if (second === undefined && (o.delete === o.squeeze)) return `missing operand after ${quote(process, first)}\n${o.delete ? 'Two strings must be given when both deleting and squeezing repeats.' : 'Two strings must be given when translating.'}`
  const extra = oneOnly ? second : third
  if (extra === undefined) return undefined
  return `extra operand ${quote(process, extra)}${oneOnly && third === undefined ? '\nOnly one string may be given when deleting without squeezing repeats.' : ''}`
}

interface Plan {
  readonly drop: ReadonlySet<number>
  readonly map: ReadonlyMap<number, number>
  readonly squeeze: ReadonlySet<number>
}

function planOf(o: Options, one: ByteSet, two: ByteSet | undefined): Plan {
  if (one.fill) throw new SetError('the [c*] repeat construct may not appear in string1')
  const set = o.complement ? complement(one.bytes) : one.bytes
  if (o.delete) return { drop: new Set(set), map: new Map(), squeeze: new Set(o.squeeze && two ? two.bytes : []) }
  if (!two) return { drop: new Set(), map: new Map(), squeeze: new Set(set) }
  checkClasses(o, one, two)
  const target = fillUp(two, set.length)
  if (target.length === 0 && !o.truncate) throw new SetError('when not truncating set1, string2 must be non-empty')
  const pairs = (o.truncate ? set.slice(0, target.length) : set).map((byte, index): [number, number] => [byte, target[Math.min(index, target.length - 1)] as number])
  return { drop: new Set(), map: new Map(pairs), squeeze: new Set(o.squeeze ? target : []) }
}

/** Of named classes string2 may have `[:lower:]` and `[:upper:]`, against each other. */
function checkClasses(o: Options, one: ByteSet, two: ByteSet): void {
  if (two.classes.some(({ name }) => name !== 'lower' && name !== 'upper')) throw new SetError("when translating, the only character classes that may appear in\nstring2 are 'upper' and 'lower'")
  const isCase = ({ name, at }: { name: string; at: number }): boolean => (name === 'lower' || name === 'upper') && at >= 0
  const paired = two.classes.every(({ at }) => one.classes.filter(isCase).some((other) => other.at === at))
  if (!paired && !o.complement) throw new SetError('misaligned [:upper:] and/or [:lower:] construct')
}

/** Works by tables, a chunk at a time; repeats are known across chunks. */
function translator(work: Plan): (chunk: Uint8Array) => Uint8Array {
  const map = Uint8Array.from({ length: 256 }, (_, byte) => work.map.get(byte) ?? byte)
  const drop = Uint8Array.from({ length: 256 }, (_, byte) => Number(work.drop.has(byte)))
  const squeeze = Uint8Array.from({ length: 256 }, (_, byte) => Number(work.squeeze.has(byte)))
  let last = -1
  return (chunk) => {
    const out = new Uint8Array(chunk.length)
    let at = 0
    for (const byte of chunk) {
      const mapped = map[byte] as number
      if (drop[byte] || (mapped === last && squeeze[mapped])) continue
      out[at++] = last = mapped
    }
    return out.subarray(0, at)
  }
}

export const trPrograms: readonly Program[] = [tr]
