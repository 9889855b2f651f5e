/** cut, paste, tr, split, numfmt, seq, factor. */
import { decodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { choice } from '#engine/linux/abi/choices'
import { flag, option, optional } from '#engine/linux/abi/flags'
import { complain, inputLines, Output, parseSize, print, quote, quoteName, readInput, readInputText, reason, splitLines, usageFailure } from '#engine/programs/common/gnu'
import { encodeLossless } from '#engine/base/lossless'

const cut = defineProgram({
  name: 'cut',
  flags: { bytes: option('-b', '--bytes'), characters: option('-c', '--characters'), delimiter: option('-d', '--delimiter'), fields: option('-f', '--fields'), ignored: flag('-n'), complement: flag('--complement'), onlyDelimited: flag('-s', '--only-delimited'), outputDelimiter: option('--output-delimiter'), zero: flag('-z', '--zero-terminated') },
  async run(process, o) {
    const given = [o.bytes, o.characters, o.fields].filter((value) => value !== undefined)
    if (given.length === 0) return usageFailure(process, 'you must specify a list of bytes, characters, or fields')
    if (given.length > 1) return usageFailure(process, 'only one list may be specified')
    if (o.delimiter !== undefined && o.fields === undefined) return usageFailure(process, 'an input delimiter may be specified only when operating on fields')
    if (o.onlyDelimited && o.fields === undefined) return usageFailure(process, 'suppressing non-delimited lines makes sense\n\tonly when operating on fields')
    if (o.delimiter !== undefined && [...o.delimiter].length > 1) return usageFailure(process, 'the delimiter must be a single character')
    const parsed = parseRanges(given[0] as string, o.fields !== undefined, (value) => quote(process, value))
    if (typeof parsed === 'string') return usageFailure(process, parsed)
    const chosen = (index: number): boolean => parsed.some(([from, to]) => index >= from && index <= to) !== o.complement
    const out = new Output(process)
    const delimiter = o.delimiter === '' ? '\0' : (o.delimiter ?? '\t')
    let status = 0
    for (const name of o.operands.length > 0 ? o.operands : ['-']) {
      try {
        for await (const line of inputLines(process, name, o.zero ? 0 : 10)) {
          const text = line.replace(/[\n\0]$/, '')
          const piece = o.fields !== undefined ? cutFields(text, delimiter, o.outputDelimiter ?? delimiter, chosen, o.onlyDelimited) : cutBytes(text, chosen, o.outputDelimiter, parsed)
          if (piece !== undefined) await out.write(piece + (o.zero ? '\0' : '\n'))
        }
      } catch (error) {
        await out.flush()
        await complain(process, `${name}: ${reason(error)}`)
        status = 1
      }
    }
    await out.flush()
    return status
  },
})

function parseRanges(text: string, fields: boolean, quoted: (value: string) => string): [number, number][] | string {
  const out: [number, number][] = []
  const what = fields ? 'field value' : 'byte/character position'
  for (const part of text.split(/[, \t]/)) {
    const match = /^(\d*)(-?)(\d*)$/.exec(part)
    if (!match || part === '' || part === '-') {
      if (part === '-') return 'invalid range with no endpoint: -'
      return part === '' ? `${fields ? 'fields are numbered from 1' : 'byte/character positions are numbered from 1'}` : `invalid ${what} ${quoted(/^[\d-]*/.exec(part)?.[0] === part ? part : part.replace(/^[\d-]+(?=\D)/, (head) => head))}`
    }
    const from = match[1] === '' ? 1 : Number(match[1])
    const to = match[2] === '' ? from : match[3] === '' ? Infinity : Number(match[3])
    if (from === 0 || (match[3] !== '' && to === 0)) return fields ? 'fields are numbered from 1' : 'byte/character positions are numbered from 1'
    if (to < from) return 'invalid decreasing range'
    out.push([from, to])
  }
  return out
}

function cutFields(text: string, delimiter: string, outDelimiter: string, chosen: (index: number) => boolean, onlyDelimited: boolean): string | undefined {
  if (!text.includes(delimiter)) return onlyDelimited ? undefined : text
  return text.split(delimiter).filter((_, index) => chosen(index + 1)).join(outDelimiter)
}

function cutBytes(text: string, chosen: (index: number) => boolean, delimiter: string | undefined, ranges: readonly [number, number][]): string {
  const bytes = encodeLossless(text)
  if (delimiter === undefined) return decodeLossless(bytes.filter((_, index) => chosen(index + 1)))
  const sorted = [...ranges].sort((a, b) => a[0] - b[0])
  return sorted.map(([from, to]) => decodeLossless(bytes.subarray(from - 1, Math.min(to, bytes.length)))).filter((piece) => piece !== '').join(delimiter)
}

const paste = defineProgram({
  name: 'paste',
  flags: { delimiters: option('-d', '--delimiters'), serial: flag('-s', '--serial'), zero: flag('-z', '--zero-terminated') },
  async run(process, o) {
    const delimiters = [...(o.delimiters ?? '\t').replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c === 't' ? '\t' : c === '0' ? '\x00' : c))].map((c) => (c === '\0' ? '' : c))
    const end = o.zero ? '\0' : '\n'
    const tables: string[][] = []
    const names = o.operands.length > 0 ? o.operands : ['-']
    const dashes = names.filter((name) => name === '-').length
    let standard: string[] | undefined
    for (const [index, name] of names.entries()) {
      try {
        if (name === '-' && dashes > 1 && !o.serial) {
          standard ??= splitLines(await readInputText(process, '-'), end)
          const at = names.slice(0, index).filter((other) => other === '-').length
          tables.push(standard.filter((_, line) => line % dashes === at))
        } else tables.push(splitLines(await readInputText(process, name), end))
      } catch (error) {
        await complain(process, `${name}: ${reason(error)}`)
        return 1
      }
    }
    const glue = (cells: readonly string[]): string => cells.map((cell, index) => cell + (index === cells.length - 1 ? '' : (delimiters[index % delimiters.length] ?? ''))).join('')
    if (o.serial) await print(process, tables.map((lines) => glue(lines) + end).join(''))
    else {
      const height = Math.max(...tables.map((lines) => lines.length))
      await print(process, Array.from({ length: height }, (_, row) => glue(tables.map((lines) => lines[row] ?? '')) + end).join(''))
    }
    return 0
  },
})

const split = defineProgram({
  name: 'split',
  flags: { suffixLength: option('-a', '--suffix-length'), additional: option('--additional-suffix'), bytes: option('-b', '--bytes'), lineBytes: option('-C', '--line-bytes'), numericShort: flag('-d'), numeric: optional('--numeric-suffixes'), hexShort: flag('-x'), hex: optional('--hex-suffixes'), lines: option('-l', '--lines'), chunks: option('-n', '--number'), verbose: flag('--verbose'), elide: flag('-e', '--elide-empty-files'), filter: option('--filter'), separator: option('-t') },
  rewrite: (args) => args.map((arg) => (/^-\d+$/.test(arg) ? `-l${arg.slice(1)}` : arg)),
  async run(process, o) {
    const [name = '-', prefix = 'x'] = o.operands
    let bytes: Uint8Array
    try {
      bytes = await readInput(process, name)
    } catch (error) {
      await complain(process, isErrno(error, 'EISDIR') ? `${name}: ${reason(error)}` : `cannot open ${quoteName(name)} for reading: ${reason(error)}`)
      return 1
    }
    for (const [value, what] of [[o.lines, 'lines'], [o.bytes, 'bytes'], [o.lineBytes, 'bytes'], [o.chunks?.replace(/^[lr]\//, ''), 'chunks']] as const) {
      if (value !== undefined && !parseSize(value)) {
        await complain(process, `invalid number of ${what}: ${quote(process, value)}${/^0+$/.test(value) ? ': Numerical result out of range' : ''}`)
        return 1
      }
    }
    const pieces = splitPieces(bytes, o)
    const numeric = o.numericShort || o.numeric !== undefined
    const hex = o.hexShort || o.hex !== undefined
    const start = Number(o.numeric || 0)
    const radix = numeric ? 10 : hex ? 16 : 26
    const width = o.suffixLength === undefined ? Math.max(2, Math.ceil(Math.log(Math.max(2, pieces.length + start)) / Math.log(radix))) : Number(o.suffixLength)
    for (const [index, piece] of pieces.entries()) {
      if (index + start >= radix ** width) {
        await complain(process, 'output file suffixes exhausted')
        return 1
      }
      const suffix = numeric ? String(index + start).padStart(width, '0') : hex ? (index + start).toString(16).padStart(width, '0') : letters(index, width)
      const path = `${prefix}${suffix}${o.additional ?? ''}`
      if (o.verbose) await print(process, `creating file ${quoteName(path)}\n`)
      process.files.writeFile(path, piece)
    }
    return 0
  },
})

function letters(index: number, width: number): string {
  let out = ''
  let rest = index
  for (let i = 0; i < width; i++) {
    out = String.fromCharCode(97 + (rest % 26)) + out
    rest = Math.floor(rest / 26)
  }
  return out
}

function splitPieces(bytes: Uint8Array, o: { bytes: string | undefined; lines: string | undefined; chunks: string | undefined; lineBytes: string | undefined }): Uint8Array[] {
  const out: Uint8Array[] = []
  const size = o.bytes ?? o.lineBytes
  if (size !== undefined) {
    const step = parseSize(size) as number
    for (let at = 0; at < bytes.length; at += step) out.push(bytes.subarray(at, at + step))
    return out
  }
  if (o.chunks !== undefined) {
    const count = Number(o.chunks.replace(/^[lr]\//, ''))
    const step = Math.floor(bytes.length / count)
    for (let i = 0; i < count; i++) out.push(bytes.subarray(i * step, i === count - 1 ? bytes.length : (i + 1) * step))
    return out
  }
  const lines = Number(o.lines ?? 1000)
  let from = 0
  let count = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
    if (++count < lines) continue
    out.push(bytes.subarray(from, at + 1))
    from = at + 1
    count = 0
  }
  if (from < bytes.length) out.push(bytes.subarray(from))
  return out
}

const seq = defineProgram({
  name: 'seq',
  flags: { format: option('-f', '--format'), separator: option('-s', '--separator'), equal: flag('-w', '--equal-width') },
  rewrite: (args) => {
    const at = args.findIndex((arg) => /^-[\d.]/.test(arg))
    return at < 0 || args.slice(0, at).includes('--') ? args : [...args.slice(0, at), '--', ...args.slice(at)]
  },
  async run(process, o) {
    const { operands } = o
    if (operands.length === 0) return usageFailure(process, 'missing operand')
    if (operands.length > 3) return usageFailure(process, `extra operand ${quote(process, operands[3] as string)}`)
    const bad = operands.find((text) => !isNumber(text))
    if (bad !== undefined) return usageFailure(process, `invalid floating point argument: ${quote(process, bad)}`)
    const wrongFormat = o.format === undefined ? undefined : formatProblem(o.format)
    if (wrongFormat !== undefined) return complain(process, `format ${quote(process, o.format ?? '')} ${wrongFormat}`).then(() => 1)
    const [first, step, last] = operands.length === 1 ? ['1', '1', operands[0] as string] : operands.length === 2 ? [operands[0] as string, '1', operands[1] as string] : (operands as [string, string, string])
    if (Number(step) === 0) return usageFailure(process, `invalid Zero increment value: ${quote(process, step)}`)
    const digits = Math.max(decimals(first), decimals(step))
    const scale = 10 ** digits
    const from = Math.round(Number(first) * scale)
    const by = Math.round(Number(step) * scale)
    const to = Math.floor(numberOf(last) * scale + (by > 0 ? 1e-9 : -1e-9))
    const width = o.equal ? Math.max((from / scale).toFixed(digits).length, numberOf(last).toFixed(digits).length) : 0
    const out = new Output(process)
    let started = false
    let made = 0
    for (let value = from; by > 0 ? value <= numberOf(last) * scale + 1e-9 : value >= numberOf(last) * scale - 1e-9; value += by) {
      const plain = (value / scale).toFixed(digits)
      const text = o.format !== undefined ? formatNumber(o.format, value / scale) : plain.startsWith('-') ? `-${plain.slice(1).padStart(width - 1, '0')}` : plain.padStart(width, '0')
      await out.write((started ? (o.separator ?? '\n') : '') + text)
      started = true
      if (++made % 20_000 === 0) await process.compute(1)
    }
    void to
    if (started) await out.write('\n')
    await out.flush()
    return 0
  },
})

/** What printf's format must have: one directive for a floating number. */
function formatProblem(format: string): string | undefined {
  const directives = format.replace(/%%/g, '').match(/%[-0 +#']*\d*(?:\.\d*)?[^]?/g) ?? []
  const [first] = directives
  if (first === undefined) return 'has no % directive'
  if (first.length === 1) return 'ends in %'
  if (!/[aefgAEFG]$/.test(first)) return `has unknown %${first.charAt(first.length - 1)} directive`
  return directives.length > 1 ? 'has too many % directives' : undefined
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && !Number.isNaN(numberOf(text)) && (Number.isFinite(numberOf(text)) || /inf/i.test(text))
}

function numberOf(text: string): number {
  return /^\+?inf(inity)?$/i.test(text) ? Infinity : Number(text)
}

function decimals(text: string): number {
  return /\.(\d+)/.exec(text)?.[1]?.length ?? 0
}

function formatNumber(format: string, value: number): string {
  return format.replace(/%([-0 +#]*)(\d*)(?:\.(\d+))?([fge])/i, (_, flags: string, width: string, precision: string | undefined, kind: string) => {
    const text = kind === 'f' ? value.toFixed(Number(precision ?? 6)) : kind === 'e' ? value.toExponential(Number(precision ?? 6)).replace(/e([+-])(\d)$/, 'e$10$2') : String(Number(value.toPrecision(Number(precision ?? 6) || 6)))
    return flags.includes('-') ? text.padEnd(Number(width)) : flags.includes('0') ? text.padStart(Number(width), '0') : text.padStart(Number(width))
  }).replace(/%%/g, '%')
}

const factor = defineProgram({
  name: 'factor',
  flags: { exponents: flag('-h', '--exponents') },
  async run(process, { operands }) {
    const words = operands.length > 0 ? operands : (await readInputText(process, '-')).split(/\s+/).filter((word) => word !== '')
    let status = 0
    for (const word of words) {
      if (!/^\+?\d+$/.test(word)) {
        await complain(process, `${quote(process, word)} is not a valid positive integer`)
        status = 1
      } else await print(process, `${BigInt(word)}:${factors(BigInt(word)).map((one) => ` ${one}`).join('')}\n`)
    }
    return status
  },
})

function factors(value: bigint): bigint[] {
  const out: bigint[] = []
  let rest = value
  if (rest < 2n) return out
  for (let candidate = 2n; candidate * candidate <= rest && candidate < 3_000_000n; candidate += candidate === 2n ? 1n : 2n) {
    while (rest % candidate === 0n) {
      out.push(candidate)
      rest /= candidate
    }
  }
  if (rest > 1n) out.push(rest)
  return out
}

const numfmt = defineProgram({
  name: 'numfmt',
  flags: { debug: flag('--debug'), delimiter: option('-d', '--delimiter'), field: option('--field'), format: option('--format'), from: choice(option('--from'), [['none'], ['auto'], ['si'], ['iec'], ['iec-i']]), fromUnit: option('--from-unit'), grouping: flag('--grouping'), header: optional('--header'), invalid: choice(option('--invalid'), [['abort'], ['fail'], ['warn'], ['ignore']]), padding: option('--padding'), round: choice(option('--round'), [['up'], ['down'], ['from-zero'], ['towards-zero'], ['nearest']]), suffix: option('--suffix'), to: choice(option('--to'), [['none'], ['si'], ['iec'], ['iec-i']]), toUnit: option('--to-unit'), zero: flag('-z') },
  rewrite: (args) => {
    const at = args.findIndex((arg) => /^-\d/.test(arg))
    return at < 0 ? args : [...args.slice(0, at), '--', ...args.slice(at)]
  },
  async run(process, o) {
    const convert = async (text: string): Promise<string | undefined> => {
      const value = parseHuman(text, o.from, o.suffix)
      if (typeof value === 'string') {
        await complain(process, value.replace('%', quote(process, text)))
        return undefined
      }
      const shown = showHuman(value * Number(o.fromUnit ?? 1) / Number(o.toUnit ?? 1), o.to, o.round ?? 'from-zero', o.format, decimals(text)) + (o.suffix ?? '')
      const padding = Number(o.padding ?? 0)
      return padding < 0 ? shown.padEnd(-padding) : shown.padStart(padding)
    }
    const fields = new Set((o.field ?? '1').split(',').map(Number))
    const line = async (text: string): Promise<number> => {
      const parts = o.delimiter === undefined ? (text.match(/\s*\S+/g) ?? []) : text.split(o.delimiter)
      const out: string[] = []
      for (const [index, part] of parts.entries()) {
        if (!fields.has(index + 1)) {
          out.push(part)
          continue
        }
        const lead = /^\s*/.exec(part)?.[0] ?? ''
        const converted = await convert(part.trim())
        if (converted === undefined) return 2
        out.push(o.delimiter === undefined && parts.length > 1 && o.padding === undefined ? (lead.length > 1 ? converted.padStart(part.length) : lead + converted) : converted)
      }
      await print(process, `${out.join(o.delimiter ?? '')}\n`)
      return 0
    }
    if (o.operands.length > 0) {
      for (const operand of o.operands) {
        const status = await line(operand)
        if (status !== 0) return status
      }
      return 0
    }
    let skip = o.header === undefined ? 0 : Number(o.header || 1)
    for (const text of splitLines(await readInputText(process, '-'))) {
      if (skip-- > 0) await print(process, `${text}\n`)
      else {
        const status = await line(text)
        if (status !== 0) return status
      }
    }
    return 0
  },
})

function parseHuman(text: string, from: string | undefined, suffix: string | undefined): number | string {
  const body = suffix !== undefined && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text
  const match = /^(-?\d*\.?\d+)([KkMGTPEZY]?)(i?)(.*)$/.exec(body)
  if (!match) return 'invalid number: %'
  if (match[4] !== '') return 'invalid suffix in input: %'
  if (match[2] === '') return Number(match[1])
  if (from === undefined || from === 'none') return `rejecting suffix in input: % (consider using --from)`
  if (from === 'iec-i' && match[3] === '') return `missing 'i' suffix in input: % (e.g Ki/Mi/Gi)`
  if (from === 'si' && match[3] === 'i') return 'invalid suffix in input: %'
  const base = from === 'si' || (from === 'auto' && match[3] === '') ? 1000 : 1024
  return Number(match[1]) * base ** ('KMGTPEZY'.indexOf((match[2] as string).toUpperCase()) + 1)
}

function showHuman(value: number, to: string | undefined, round: string, format: string | undefined, digits: number): string {
  const precision = /\.(\d+)f/.exec(format ?? '')?.[1]
  const rounded = (x: number): number => (round === 'up' ? Math.ceil(x) : round === 'down' ? Math.floor(x) : round === 'towards-zero' ? Math.trunc(x) : round === 'nearest' ? Math.round(x) : x < 0 ? Math.floor(x) : Math.ceil(x))
  if (to === undefined || to === 'none') return precision === undefined ? value.toFixed(digits) : value.toFixed(Number(precision))
  const base = to === 'si' ? 1000 : 1024
  let scaled = Math.abs(value)
  let power = 0
  while (scaled >= base && power < 8) {
    scaled /= base
    power++
  }
  const tidy = (x: number): number => Number(x.toPrecision(12))
  let shown = precision !== undefined ? tidy(scaled).toFixed(Number(precision)) : power === 0 ? String(rounded(scaled)) : scaled < 10 ? (rounded(tidy(scaled * 10)) / 10).toFixed(1) : String(rounded(tidy(scaled)))
  if (precision === undefined && shown === '10.0') shown = '10'
  if (precision === undefined && Number(shown) >= base && power < 8) {
    shown = '1.0'
    power++
  }
  return `${value < 0 ? '-' : ''}${shown}${power > 0 ? `${power === 1 && to === 'si' ? 'K' : ' KMGTPEZY'.charAt(power)}${to === 'iec-i' ? 'i' : ''}` : ''}`
}

export type { Process }
export const fieldPrograms: readonly Program[] = [cut, paste, split, seq, factor, numfmt]
