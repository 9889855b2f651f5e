/** hexdump, of util-linux, and xxd, of vim. */
import { isErrno } from '#engine/linux/abi/errno'
import { decodeLossless, encodeLossless } from '#engine/base/lossless'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, type FlagValues, option } from '#engine/linux/abi/flags'
import { concatBytes, toHex } from '#engine/base/bytes'
import { print, readInput, splitLines } from '#engine/programs/common/gnu'
import { attempt, fail, forEachInput } from '#engine/programs/common/operands'
import { characterCell, printable } from '#engine/programs/coreutils/od-cells'

interface Form {
  /** Bytes of a cell. */
  readonly size: number
  readonly width: number
  readonly text: (value: number) => string
}

const forms = {
  canonical: undefined,
  hex: { size: 2, width: 8, text: (value) => value.toString(16).padStart(4, '0') },
  chars: { size: 1, width: 4, text: characterCell },
  octalBytes: { size: 1, width: 4, text: (value) => value.toString(8).padStart(3, '0') },
  decimal: { size: 2, width: 8, text: (value) => value.toString().padStart(5, '0') },
  octal: { size: 2, width: 8, text: (value) => value.toString(8).padStart(6, '0') },
} as const satisfies Readonly<Record<string, Form | undefined>>

const usual: Form = { size: 2, width: 5, text: (value) => value.toString(16).padStart(4, '0') }

/** Neither quotes names. */
const plainly = (name: string, why: string): string => `${name}: ${why}`

const hexdump = defineProgram({
  name: 'hexdump',
  unsupported: 'formats of one\'s own (-e, -f)',
  version: 'hexdump from util-linux 2.38.1',
  flags: {
    octalBytes: flag('-b', '--one-byte-octal'), chars: flag('-c', '--one-byte-char'), canonical: flag('-C', '--canonical'), decimal: flag('-d', '--two-bytes-decimal'), octal: flag('-o', '--two-bytes-octal'), hex: flag('-x', '--two-bytes-hex'), length: option('-n', '--length'), skip: option('-s', '--skip'), all: flag('-v', '--no-squeezing'),
  },
  async run(process, o) {
    const parts: Uint8Array[] = []
    const status = await forEachInput(process, o.operands, async (name) => void parts.push(await readInput(process, name)), plainly)
    if (parts.length === 0) return fail(process, 'all input file arguments failed')
    const skip = Number(o.skip ?? 0)
    const bytes = concatBytes(parts).subarray(skip, o.length === undefined ? undefined : skip + Number(o.length))
    const chosen = (Object.keys(forms) as (keyof typeof forms)[]).find((name) => o[name])
    await print(process, lines(bytes, skip, chosen === 'canonical' ? 8 : 7, o.all, chosen === 'canonical' ? canonicalLine : (line) => cells(line, (chosen && forms[chosen]) ?? usual)))
    return status
  },
})

function lines(bytes: Uint8Array, base: number, digits: number, all: boolean, body: (line: Uint8Array) => string): string {
  const address = (at: number): string => (base + at).toString(16).padStart(digits, '0')
  let out = ''
  let last = ''
  for (let at = 0; at < bytes.length; at += 16) {
    const line = bytes.subarray(at, at + 16)
    const key = line.join()
    if (all || key !== last || line.length < 16) out += `${address(at)}${body(line)}\n`
    else if (!out.endsWith('*\n')) out += '*\n'
    last = key
  }
  return bytes.length === 0 ? '' : `${out}${address(bytes.length)}\n`
}

function canonicalLine(line: Uint8Array): string {
  const hex = Array.from({ length: 16 }, (_, i) => (i < line.length ? (line[i] as number).toString(16).padStart(2, '0') : '  '))
  return `  ${hex.slice(0, 8).join(' ')}  ${hex.slice(8).join(' ')}  |${printable(line)}|`
}

function cells(line: Uint8Array, { size, width, text }: Form): string {
  let row = ''
  for (let at = 0; at < line.length; at += size) row += text(size === 1 ? (line[at] as number) : (line[at] as number) | ((line[at + 1] ?? 0) << 8)).padStart(width)
  return row.padEnd((16 / size) * width)
}

const xxdFlags = { bits: flag('-b'), columns: option('-c'), group: option('-g'), include: flag('-i'), length: option('-l'), plain: flag('-p', '-ps'), reverse: flag('-r'), seek: option('-s'), upper: flag('-u') } as const

type XxdOptions = FlagValues<typeof xxdFlags>

const xxd = defineProgram({
  name: 'xxd',
  version: 'xxd 2022-01-14 by Juergen Weigert et al.',
  flags: xxdFlags,
  rewrite: (args) => args.map((arg) => (arg === '-ps' ? '-p' : arg)),
  async run(process, o) {
    const [name = '-', target] = o.operands
    let bytes = new Uint8Array(0)
    if (!(await attempt(process, name, async () => void (bytes = (await readInput(process, name)).slice()), plainly))) return 2
    const start = Number(o.seek ?? 0)
    const shown = o.reverse ? reversed(decodeLossless(bytes), o.plain) : encodeLossless(dump(bytes.subarray(start, o.length === undefined ? undefined : start + Number(o.length)), start, name, o))
    return write(process, target, shown)
  },
})

async function write(process: Process, target: string | undefined, bytes: Uint8Array): Promise<number> {
  if (target === undefined) return process.stdout.write(bytes).then(() => 0)
  try {
    process.files.writeFile(target, bytes)
    return 0
  } catch (error) {
    if (!isErrno(error)) throw error
    return fail(process, `${target}: ${error.message}`, 3)
  }
}

function reversed(text: string, plain: boolean): Uint8Array {
  const hex = plain ? text.replace(/\s/g, '') : splitLines(text).map((line) => /^[0-9a-fA-F]+: ((?:[0-9a-fA-F]+ ?)+)/.exec(line)?.[1]?.replace(/ /g, '') ?? '').join('')
  return Uint8Array.from(hex.match(/[0-9a-fA-F]{2}/g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** A byte's digits in the chosen base. */
function digitsOf(o: XxdOptions): (byte: number) => string {
  if (o.bits) return (byte) => byte.toString(2).padStart(8, '0')
  return (byte) => (o.upper ? toHex(Uint8Array.of(byte)).toUpperCase() : toHex(Uint8Array.of(byte)))
}

function chunks(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size))
}

function dump(bytes: Uint8Array, start: number, name: string, o: XxdOptions): string {
  const digits = digitsOf(o)
  if (o.include) return included(chunks(bytes, Number(o.columns ?? 12)), bytes.length, name, digits)
  if (o.plain) return chunks(bytes, Number(o.columns ?? 30)).map((line) => `${[...line].map(digits).join('')}\n`).join('')
  const columns = Number(o.columns ?? (o.bits ? 6 : 16))
  const group = Number(o.group ?? (o.bits ? 1 : 2)) || columns
  const blank = ' '.repeat(o.bits ? 8 : 2)
  const cell = (line: Uint8Array, i: number): string => (i < line.length ? digits(line[i] as number) : blank) + ((i + 1) % group === 0 ? ' ' : '')
  return chunks(bytes, columns).map((line, index) => {
    const hex = Array.from({ length: columns }, (_, i) => cell(line, i)).join('')
    return `${(start + index * columns).toString(16).padStart(8, '0')}: ${hex}${columns % group === 0 ? '' : ' '} ${printable(line)}\n`
  }).join('')
}

/** -i: as an array of C. */
function included(rows: readonly Uint8Array[], length: number, name: string, digits: (byte: number) => string): string {
  const id = name.replace(/[^A-Za-z0-9]/g, '_')
  const body = rows.map((row) => `  ${[...row].map((byte) => `0x${digits(byte)}`).join(', ')}`).join(',\n')
  return name === '-' ? `${body}\n` : `unsigned char ${id}[] = {\n${body}\n};\nunsigned int ${id}_len = ${length};\n`
}

export const hexdumpPrograms: readonly Program[] = [hexdump, xxd]
