/** tr. GNU's works on bytes; characters beyond ASCII are so several of them. */
import { encodeLossless } from '#engine/base/lossless'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag } from '#engine/linux/abi/flags'
import { complain, inputChunks, quote, usageFailure } from '#engine/programs/common/gnu'

const classes: Readonly<Record<string, (byte: number) => boolean>> = {
  alnum: (b) => /[A-Za-z0-9]/.test(String.fromCharCode(b)) && b < 128, alpha: (b) => b < 128 && /[A-Za-z]/.test(String.fromCharCode(b)), blank: (b) => b === 32 || b === 9, cntrl: (b) => b < 32 || b === 127,
  digit: (b) => b >= 48 && b <= 57, graph: (b) => b > 32 && b < 127, lower: (b) => b >= 97 && b <= 122, print: (b) => b >= 32 && b < 127, punct: (b) => b > 32 && b < 127 && !/[A-Za-z0-9]/.test(String.fromCharCode(b)),
  space: (b) => b === 32 || (b >= 9 && b <= 13), upper: (b) => b >= 65 && b <= 90, xdigit: (b) => b < 128 && /[0-9A-Fa-f]/.test(String.fromCharCode(b)),
}

class SetError extends Error {}

interface Set_ {
  bytes: number[]
  /** Where `[x*]` fills up. */
  fill: { at: number; byte: number } | undefined
  readonly classNames: string[]
}

const tr = defineProgram({
  name: 'tr',
  flags: { complement: flag('-c', '-C', '--complement'), delete: flag('-d', '--delete'), squeeze: flag('-s', '--squeeze-repeats'), truncate: flag('-t', '--truncate-set1') },
  stopAtOperand: true,
  async run(process, o) {
    const [first, second, extra] = o.operands
    if (first === undefined) return usageFailure(process, 'missing operand')
    const wantsTwo = !o.delete && !o.squeeze
    if (second === undefined && (wantsTwo || (o.delete && o.squeeze))) return usageFailure(process, `missing operand after ${quote(process, first)}\n${o.delete ? 'Two strings must be given when both deleting and squeezing repeats.' : 'Two strings must be given when translating.'}`)
    if (extra !== undefined || (second !== undefined && o.delete && !o.squeeze)) return usageFailure(process, `extra operand ${quote(process, extra ?? (second as string))}${o.delete && !o.squeeze ? '\nOnly one string may be given when deleting without squeezing repeats.' : ''}`)
    try {
      const one = parseSet(first)
      const two = second === undefined ? undefined : parseSet(second)
      const set = o.complement ? complement(one.bytes) : one.bytes
      const work = plan(o, set, one, two)
      const translate = translator(work)
      for await (const chunk of inputChunks(process, '-')) await process.stdout.write(translate(chunk))
      return 0
    } catch (error) {
      if (!(error instanceof SetError)) throw error
      await complain(process, error.message.replace(/^(.*): (.*)$/s, (whole, a: string, b: string) => (a.startsWith('range-endpoints') || a === 'invalid character class' ? `${a} ${a.startsWith('range') ? `'${b}'` : quote(process, b)}${a.startsWith('range') ? ' are in reverse collating sequence order' : ''}` : whole)))
      return 1
    }
  },
})

interface Plan {
  readonly drop: ReadonlySet<number>
  readonly map: ReadonlyMap<number, number>
  readonly squeeze: ReadonlySet<number>
}

function plan(o: { delete: boolean; squeeze: boolean; truncate: boolean; complement: boolean }, set: readonly number[], one: Set_, two: Set_ | undefined): Plan {
  const map = new Map<number, number>()
  if (o.delete) return { drop: new Set(set), map, squeeze: new Set(o.squeeze && two ? two.bytes : []) }
  if (two) {
    const target = fillUp(two, set.length)
    if (target.length === 0 && !o.truncate) throw new SetError('when not truncating set1, string2 must be non-empty')
    set.forEach((byte, index) => {
      if (index >= target.length && o.truncate) return
      map.set(byte, target[Math.min(index, target.length - 1)] as number)
    })
    return { drop: new Set(), map, squeeze: new Set(o.squeeze ? target : []) }
  }
  void one
  return { drop: new Set(), map, squeeze: new Set(set) }
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
      if (drop[byte]) continue
      const mapped = map[byte] as number
      if (mapped === last && squeeze[mapped]) continue
      out[at++] = last = mapped
    }
    return out.subarray(0, at)
  }
}

function fillUp(set: Set_, length: number): number[] {
  if (!set.fill || set.bytes.length >= length) return set.bytes
  const { at, byte } = set.fill
  return [...set.bytes.slice(0, at), ...new Array<number>(length - set.bytes.length).fill(byte), ...set.bytes.slice(at)]
}

function complement(bytes: readonly number[]): number[] {
  const held = new Set(bytes)
  return Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !held.has(byte))
}

function parseSet(text: string): Set_ {
  const out: Set_ = { bytes: [], fill: undefined, classNames: [] }
  const raw = [...encodeLossless(text)]
  let i = 0
  const unit = (): number => {
    const byte = raw[i] as number
    if (byte !== 92 || i + 1 >= raw.length) {
      i++
      return byte
    }
    const rest = String.fromCharCode(...raw.slice(i + 1, i + 4))
    const octal = /^[0-7]{1,3}/.exec(rest)?.[0]
    if (octal !== undefined) {
      const value = Number.parseInt(octal, 8) > 255 ? octal.slice(0, 2) : octal
      i += 1 + value.length
      return Number.parseInt(value, 8)
    }
    i += 2
    const known: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 92 }
    return known[rest.charAt(0)] ?? (raw[i - 1] as number)
  }
  while (i < raw.length) {
    const rest = String.fromCharCode(...raw.slice(i, i + 40))
    const named = /^\[:(\w*):\]/.exec(rest)
    const repeat = /^\[(\\?.)\*(0?[0-7]*|\d*)\]/s.exec(rest)
    const equal = /^\[=(.)=\]/s.exec(rest)
    if (named) {
      const member = classes[named[1] as string]
      if (!member) throw new SetError(`invalid character class: ${named[1] as string}`)
      for (let byte = 0; byte < 256; byte++) if (member(byte)) out.bytes.push(byte)
      i += named[0].length
    } else if (equal) {
      out.bytes.push((equal[1] as string).charCodeAt(0))
      i += equal[0].length
    } else if (repeat) {
      i++
      const byte = unit()
      const count = repeat[2] === '' ? 0 : Number.parseInt(repeat[2] as string, (repeat[2] as string).startsWith('0') ? 8 : 10)
      if (count === 0) out.fill = { at: out.bytes.length, byte }
      else for (let n = 0; n < count; n++) out.bytes.push(byte)
      i = i + (repeat[2] as string).length + 2
    } else {
      const low = unit()
      if (raw[i] === 45 && i + 1 < raw.length) {
        i++
        const high = unit()
        if (high < low) throw new SetError(`range-endpoints of: ${String.fromCharCode(low)}-${String.fromCharCode(high)}`)
        for (let byte = low; byte <= high; byte++) out.bytes.push(byte)
      } else out.bytes.push(low)
    }
  }
  return out
}

export const trPrograms: readonly Program[] = [tr]
