/** od. */
import { concatBytes } from '#engine/base/bytes'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { choice } from '#engine/linux/abi/choices'
import { flag, type FlagValues, list, option, optional } from '#engine/linux/abi/flags'
import { parseSize, print, quote, readInput } from '#engine/programs/common/gnu'
import { fail, forEachInput } from '#engine/programs/common/operands'
import { cellText, cellWidth, dumpType, type DumpType, printable } from '#engine/programs/coreutils/od-cells'

const odFlags = {
  skip: option('-j', '--skip-bytes'), radix: option('-A', '--address-radix'), count: option('-N', '--read-bytes'), type: list('-t', '--format'), all: flag('-v', '--output-duplicates'), strings: option('-S'), width: optional('-w', '--width'), endian: choice(option('--endian'), [['little'], ['big']]),
  a: flag('-a'), b: flag('-b'), c: flag('-c'), d: flag('-d'), f: flag('-f'), i: flag('-i'), l: flag('-l'), o: flag('-o'), s: flag('-s'), x: flag('-x'),
} as const

type Given = FlagValues<typeof odFlags> & { readonly operands: readonly string[] }

const shortTypes: readonly (readonly [keyof Given, string])[] = [['a', 'a'], ['b', 'o1'], ['c', 'c'], ['d', 'u2'], ['f', 'fF'], ['i', 'dI'], ['l', 'dL'], ['o', 'o2'], ['s', 'd2'], ['x', 'x2']]

const od = defineProgram({
  name: 'od',
  unsupported: '--traditional',
  flags: odFlags,
  async run(process, o) {
    const wrong = numberProblem(o) ?? typeProblem(process, o.type)
    if (wrong !== undefined) return fail(process, wrong)
    const parts: Uint8Array[] = []
    const status = await forEachInput(process, o.operands, async (name) => void parts.push(await readInput(process, name)))
    if (parts.length === 0) return status
    const all = concatBytes(parts)
    const skip = parseSize(o.skip ?? '0') ?? 0
    if (skip > all.length) return fail(process, 'cannot skip past end of combined input')
    const bytes = all.subarray(skip, o.count === undefined ? undefined : skip + (parseSize(o.count) ?? 0))
    await print(process, o.strings === undefined ? dump(bytes, skip, o) : strings(bytes, skip, Number(o.strings), o.radix ?? 'o'))
    return status
  },
})

function numberProblem(o: Given): string | undefined {
  const bad = ([['j', o.skip], ['N', o.count], ['S', o.strings]] as const).find(([, value]) => value !== undefined && parseSize(value) === undefined)
  if (bad) return `invalid -${bad[0]} argument '${bad[1] ?? ''}'`
  if (o.radix !== undefined && !/^[doxn]/.test(o.radix)) return `invalid output address radix '${o.radix.charAt(0)}'; it must be one character from [doxn]`
  return undefined
}

function typeWords(text: string): string[] {
  return text.match(/[acdfoux](?:\d+|[CSILFD])?z?/g) ?? []
}

function typeProblem(process: Process, types: readonly string[]): string | undefined {
  for (const text of types) {
    const rest = text.replace(/[acdfoux](?:\d+|[CSILFD])?z?/g, '')
    if (rest !== '') return `invalid character '${rest.charAt(0)}' in type string ${quote(process, text)}`
    const bad = typeWords(text).find((word) => !dumpType(word))
    if (bad !== undefined) return `invalid type string ${quote(process, text)};\nthis system doesn't provide a ${/\d+/.exec(bad)?.[0] ?? ''}-byte ${bad.startsWith('f') ? 'floating point' : 'integral'} type`
  }
  return undefined
}

function typesOf(o: Given): DumpType[] {
  const words = [...o.type.flatMap(typeWords), ...shortTypes.filter(([key]) => o[key] === true).map(([, word]) => word)]
  return (words.length > 0 ? words : ['o2']).map(dumpType).filter((type) => type !== undefined)
}

function address(radix: string, at: number): string {
  switch (radix.charAt(0)) {
    case 'n': return ''
    case 'd': return String(at).padStart(7, '0')
    case 'x': return at.toString(16).padStart(6, '0')
    default: return at.toString(8).padStart(7, '0')
  }
}

function dump(bytes: Uint8Array, base: number, o: Given): string {
  const types = typesOf(o)
  const width = o.width === undefined ? 16 : Number(o.width) || 32
  const radix = o.radix ?? 'o'
  const lines = types.map((type) => lineWriter(type, Math.max(...types.map((one) => cellWidth(one) / one.size)), width, o.endian === 'big'))
  let out = ''
  let last = ''
  for (let at = 0; at < bytes.length; at += width) {
    const line = bytes.subarray(at, at + width)
    const key = line.join()
    if (o.all || key !== last || line.length < width) out += lines.map((write, index) => `${index === 0 ? address(radix, base + at) : ' '.repeat(address(radix, 0).length)}${write(line)}\n`).join('')
    else if (!out.endsWith('*\n')) out += '*\n'
    last = key
  }
  return out + (radix.startsWith('n') ? '' : `${address(radix, base + bytes.length)}\n`)
}

/** Cells of all types line up: each byte has as many columns as the widest type needs. */
function lineWriter(type: DumpType, unit: number, width: number, big: boolean): (line: Uint8Array) => string {
  const cell = Math.round(unit * type.size)
  return (line) => {
    let row = ''
    for (let at = 0; at < line.length; at += type.size) row += cellText(type, line.subarray(at, at + type.size), big).padStart(cell)
    return type.text ? `${row}${' '.repeat(Math.round(unit * (width - line.length)))}  >${printable(line)}<` : row
  }
}

/** Runs of printable characters that end with a zero byte. */
function strings(bytes: Uint8Array, base: number, least: number, radix: string): string {
  let out = ''
  let from = 0
  bytes.forEach((byte, at) => {
    if (byte === 0 && at - from >= least) out += `${address(radix, base + from)} ${printable(bytes.subarray(from, at))}\n`
    if (byte < 32 || byte > 126) from = at + 1
  })
  return out
}

export const odPrograms: readonly Program[] = [od]
