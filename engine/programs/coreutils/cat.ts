/** cat, tac, rev, tee, nl. */
import { encodeLossless } from '#engine/base/lossless'
import type { OpenFile } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option, optional } from '#engine/linux/abi/flags'
import { complain, inputChunks, inputLines, Output, print, quote, readInputText, reason, splitLines, usageFailure } from '#engine/programs/common/gnu'
import { posixRegExp } from '#engine/shell/patterns/posix'

const cat = defineProgram({
  name: 'cat',
  flags: { all: flag('-A', '--show-all'), numberNonblank: flag('-b', '--number-nonblank'), endsNonprinting: flag('-e'), ends: flag('-E', '--show-ends'), number: flag('-n', '--number'), squeeze: flag('-s', '--squeeze-blank'), tabsNonprinting: flag('-t'), tabs: flag('-T', '--show-tabs'), unbuffered: flag('-u'), nonprinting: flag('-v', '--show-nonprinting') },
  async run(process, o) {
    const plain = !(o.all || o.numberNonblank || o.endsNonprinting || o.ends || o.number || o.squeeze || o.tabsNonprinting || o.tabs || o.nonprinting)
    const state: CatState = { line: 0, blank: false, start: true, numberNonblank: o.numberNonblank, number: o.number, squeeze: o.squeeze, ends: o.ends || o.all || o.endsNonprinting, tabs: o.tabs || o.all || o.tabsNonprinting, nonprinting: o.nonprinting || o.all || o.endsNonprinting || o.tabsNonprinting }
    let status = 0
    const out = outputId(process)
    for (const name of o.operands.length > 0 ? o.operands : ['-']) {
      try {
        if (name !== '-' && out !== undefined && sameAsOutput(process, name, out)) {
          await complain(process, `${name}: input file is output file`)
          status = 1
          continue
        }
        for await (const chunk of inputChunks(process, name)) await process.stdout.write(plain ? chunk : showBytes(chunk, state))
      } catch (error) {
        await complain(process, `${name}: ${reason(error)}`)
        status = 1
      }
    }
    return status
  },
})

function outputId(process: Process): string | undefined {
  const file: OpenFile | undefined = process.descriptors().get(1)
  if (file?.kind !== 'file') return undefined
  const stat = file.stat()
  return `${stat.dev}:${stat.ino}`
}

/** Reading what one appends to never ends, so cat refuses; an empty file is harmless. */
function sameAsOutput(process: Process, name: string, out: string): boolean {
  const stat = process.files.exists(name)
  return stat !== undefined && stat.type === 'file' && `${stat.dev}:${stat.ino}` === out && stat.size > 0
}

interface CatState {
  line: number
  blank: boolean
  start: boolean
  readonly numberNonblank: boolean
  readonly number: boolean
  readonly squeeze: boolean
  readonly ends: boolean
  readonly tabs: boolean
  readonly nonprinting: boolean
}

function showBytes(chunk: Uint8Array, state: CatState): Uint8Array {
  const out: number[] = []
  const add = (text: string): void => {
    for (let i = 0; i < text.length; i++) out.push(text.charCodeAt(i))
  }
  for (let i = 0; i < chunk.length; i++) {
    const byte = chunk[i] as number
    if (state.start) {
      if (byte === 10 && state.blank && state.squeeze) continue
      state.blank = byte === 10
      if (state.numberNonblank ? byte !== 10 : state.number) add(`${String(++state.line).padStart(6)}\t`)
    }
    state.start = byte === 10
    if (byte === 10) add(state.ends ? '$\n' : '\n')
    else if (byte === 13 && state.ends && chunk[i + 1] === 10 && !state.nonprinting) add('^M')
    else if (byte === 9) add(state.tabs ? '^I' : '\t')
    else if (!state.nonprinting) out.push(byte)
    else add(showByte(byte))
  }
  return Uint8Array.from(out)
}

function showByte(byte: number): string {
  if (byte >= 128) return `M-${showByte(byte - 128).replace(/^\t$/, '^I')}`
  if (byte === 127) return '^?'
  return byte < 32 ? `^${String.fromCharCode(byte + 64)}` : String.fromCharCode(byte)
}

const tac = defineProgram({
  name: 'tac',
  flags: { before: flag('-b', '--before'), regex: flag('-r', '--regex'), separator: option('-s', '--separator') },
  async run(process, { before, separator = '\n', operands }) {
    let status = 0
    for (const name of operands.length > 0 ? operands : ['-']) {
      try {
        const pieces = (await readInputText(process, name)).split(separator)
        const last = pieces.pop() as string
        const records = before ? [pieces[0] ?? last, ...[...pieces.slice(1), last].map((piece) => separator + piece)] : [...pieces.map((piece) => piece + separator), ...(last === '' ? [] : [last])]
        await print(process, records.reverse().join(''))
      } catch (error) {
        await complain(process, `failed to open ${quote(process, name).replace(/[\u2018\u2019]/g, "'")} for reading: ${reason(error)}`)
        status = 1
      }
    }
    return status
  },
})

/** From util-linux: its messages quote nothing. */
const rev = defineProgram({
  name: 'rev',
  flags: { zero: flag('-0', '--zero') },
  version: 'rev from util-linux 2.38.1',
  async run(process, { operands }) {
    let status = 0
    for (const name of operands.length > 0 ? operands : ['-']) {
      try {
        for await (const line of inputLines(process, name)) {
          const body = line.replace(/\n$/, '')
          await print(process, [...body].reverse().join('') + line.slice(body.length))
        }
      } catch (error) {
        await complain(process, `cannot open ${name}: ${reason(error)}`)
        status = 1
      }
    }
    return status
  },
})

const tee = defineProgram({
  name: 'tee',
  flags: { append: flag('-a', '--append'), ignoreInterrupts: flag('-i', '--ignore-interrupts'), diagnose: flag('-p'), outputError: optional('--output-error') },
  async run(process, { append, ignoreInterrupts, operands }) {
    if (ignoreInterrupts) process.handle('SIGINT', 'ignore')
    const files: { name: string; file: OpenFile }[] = []
    let status = 0
    for (const name of operands) {
      try {
        files.push({ name, file: process.files.open(name, { write: true, create: true, append, truncate: !append }, 0o666) })
      } catch (error) {
        await complain(process, `${name}: ${reason(error)}`)
        status = 1
      }
    }
    try {
      for await (const chunk of inputChunks(process, '-')) {
        await process.stdout.write(chunk)
        for (const { name, file } of files) {
          try {
            await file.write(chunk)
          } catch (error) {
            await complain(process, `${name}: ${reason(error)}`)
            status = 1
          }
        }
      }
    } finally {
      for (const { file } of files) file.release()
    }
    return status
  },
})

const nl = defineProgram({
  name: 'nl',
  flags: { body: option('-b', '--body-numbering'), delimiter: option('-d', '--section-delimiter'), footer: option('-f', '--footer-numbering'), header: option('-h', '--header-numbering'), increment: option('-i', '--line-increment'), join: option('-l', '--join-blank-lines'), format: option('-n', '--number-format'), noRenumber: flag('-p', '--no-renumber'), separator: option('-s', '--number-separator'), start: option('-v', '--starting-line-number'), width: option('-w', '--number-width') },
  async run(process, o) {
    for (const [value, what] of [[o.width, 'line number field width'], [o.increment, 'line number increment'], [o.start, 'starting line number']] as const) {
      if (value !== undefined && !/^-?\d+$/.test(value)) {
        await complain(process, `invalid ${what}: ${quote(process, value)}`)
        return 1
      }
    }
    const wrong = numberingProblem(process, o)
    if (wrong !== undefined) return usageFailure(process, wrong)
    const width = Number(o.width ?? 6)
    const separator = o.separator ?? '\t'
    const out = new Output(process)
    let number = Number(o.start ?? 1)
    let style = o.body ?? 't'
    let status = 0
    const numbered = (text: string): boolean => (style === 'a' ? true : style === 'n' ? false : style.startsWith('p') ? posixRegExp(style.slice(1), { extended: false }).test(text) : text !== '')
    for (const name of o.operands.length > 0 ? o.operands : ['-']) {
      try {
        for await (const line of inputLines(process, name)) {
          const text = line.replace(/\n$/, '')
          const section = /^(\\:){1,3}$/.exec(text)
          if (section) {
            style = text.length === 6 ? (o.header ?? 'n') : text.length === 4 ? (o.body ?? 't') : (o.footer ?? 'n')
            if (!o.noRenumber) number = Number(o.start ?? 1)
            await out.write('\n')
          } else if (numbered(text)) {
            const digits = String(number)
            const cell = o.format === 'ln' ? digits.padEnd(width) : o.format === 'rz' ? digits.padStart(width, '0') : digits.padStart(width)
            await out.write(`${cell}${separator}${text}\n`)
            number += Number(o.increment ?? 1)
          } else await out.write(`${' '.repeat(width + separator.length)}${text}\n`)
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

/** Styles are `a`, `t`, `n` or `pBRE`; formats `ln`, `rn`, `rz`. */
function numberingProblem(process: Process, o: { body: string | undefined; header: string | undefined; footer: string | undefined; format: string | undefined }): string | undefined {
  for (const [what, style] of [['header', o.header], ['body', o.body], ['footer', o.footer]] as const) {
    if (style !== undefined && !/^([atn]|p[^]*)$/.test(style)) return `invalid ${what} numbering style: ${quote(process, style)}`
  }
  return o.format === undefined || ['ln', 'rn', 'rz'].includes(o.format) ? undefined : `invalid line numbering format: ${quote(process, o.format)}`
}

export { encodeLossless, splitLines }
export const catPrograms: readonly Program[] = [cat, tac, rev, tee, nl]
