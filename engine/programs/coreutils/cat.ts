/** cat. */
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag } from '#engine/linux/abi/flags'
import { complain, inputChunks } from '#engine/programs/common/gnu'
import { fail, forEachInput } from '#engine/programs/common/operands'
import { quoteIfNeeded } from '#engine/programs/common/quoting'

const catFlags = {
  nonprinting: flag('-v', '--show-nonprinting'), ends: flag('-E', '--show-ends'), tabs: flag('-T', '--show-tabs'), all: flag('-A', '--show-all'), numberNonblank: flag('-b', '--number-nonblank'), number: flag('-n', '--number'),
  squeeze: flag('-s', '--squeeze-blank'), endsNonprinting: flag('-e'), tabsNonprinting: flag('-t'), unbuffered: flag('-u'),
} as const

type Given = { readonly [K in keyof typeof catFlags]: boolean }

const cat = defineProgram({
  name: 'cat',
  flags: catFlags,
  async run(process, o) {
    const shown = new ShownBytes(viewOf(o))
    const out = outputId(process)
    const status = await forEachInput(process, o.operands, async (name) => {
      if (out !== undefined && name !== '-' && sameAsOutput(process, name, out)) return complain(process, `${quoteIfNeeded(name)}: input file is output file`).then(() => false)
      for await (const chunk of inputChunks(process, name)) await process.stdout.write(shown.plain ? chunk : shown.show(chunk))
      return true
    })
    const standard = o.operands.length === 0 || o.operands.includes('-')
    return standard && !process.descriptors().has(0) ? fail(process, 'closing standard input: Bad file descriptor') : status
  },
})

interface View {
  readonly number: 'none' | 'all' | 'nonblank'
  readonly squeeze: boolean
  readonly ends: boolean
  readonly tabs: boolean
  readonly nonprinting: boolean
}

function viewOf(o: Given): View {
  return {
    number: o.numberNonblank ? 'nonblank' : o.number ? 'all' : 'none',
    squeeze: o.squeeze,
    ends: o.ends || o.all || o.endsNonprinting,
    tabs: o.tabs || o.all || o.tabsNonprinting,
    nonprinting: o.nonprinting || o.all || o.endsNonprinting || o.tabsNonprinting,
  }
}

function outputId(process: Process): string | undefined {
  const file = process.descriptors().get(1)
  if (file?.kind !== 'file') return undefined
  const stat = file.stat()
  return `${stat.dev}:${stat.ino}`
}

/** Reading what one appends to never ends, so cat refuses; an empty file is harmless. */
function sameAsOutput(process: Process, name: string, out: string): boolean {
  const stat = process.files.exists(name)
  return stat !== undefined && stat.type === 'file' && `${stat.dev}:${stat.ino}` === out && stat.size > 0
}

/** Bytes as the options show them; line numbers and blank lines are known across chunks and files. */
class ShownBytes {
  readonly plain: boolean
  private line = 0
  private blank = false
  private start = true
  private out: number[] = []

  constructor(private readonly view: View) {
    this.plain = view.number === 'none' && !view.squeeze && !view.ends && !view.tabs && !view.nonprinting
  }

  show(chunk: Uint8Array): Uint8Array {
    this.out = []
    for (let i = 0; i < chunk.length; i++) this.byte(chunk[i] as number, chunk[i + 1])
    return Uint8Array.from(this.out)
  }

  private byte(byte: number, next: number | undefined): void {
    const end = byte === 10
    if (this.start && !this.begin(end)) return
    this.start = end
    if (end) this.add(this.view.ends ? '$\n' : '\n')
    else this.add(this.shown(byte, next), byte)
  }

  /** The beginning of a line; false where it is a blank one too many. */
  private begin(blank: boolean): boolean {
    if (blank && this.blank && this.view.squeeze) return false
    this.blank = blank
    if (this.view.number === 'all' || (this.view.number === 'nonblank' && !blank)) this.add(`${String(++this.line).padStart(6)}\t`)
    return true
  }

  /** What is written for a byte within a line; undefined for the byte itself. */
  private shown(byte: number, next: number | undefined): string | undefined {
    const { view } = this
    if (byte === 9) return view.tabs ? '^I' : undefined
    if (view.nonprinting) return showByte(byte)
    return byte === 13 && view.ends && next === 10 ? '^M' : undefined
  }

  private add(text: string | undefined, byte = 0): void {
    if (text === undefined) this.out.push(byte)
    else for (let i = 0; i < text.length; i++) this.out.push(text.charCodeAt(i))
  }
}

function showByte(byte: number): string {
  if (byte >= 128) return `M-${showByte(byte - 128)}`
  if (byte === 127) return '^?'
  return byte < 32 ? `^${String.fromCharCode(byte + 64)}` : String.fromCharCode(byte)
}

export const catPrograms: readonly Program[] = [cat]
