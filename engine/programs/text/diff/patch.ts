/** patch. */
import { decodeLossless, encodeLossless } from '#engine/base/lossless'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { complain, print, readInput, reason } from '#engine/programs/common/gnu'

export const patch = defineProgram({
  name: 'patch',
  version: 'GNU patch 2.7.6',
  unsupported: 'fuzzy matching, ed scripts and context diffs',
  usageExit: 2,
  flags: { strip: option('-p', '--strip'), input: option('-i', '--input'), reverse: flag('-R', '--reverse'), dry: flag('--dry-run'), output: option('-o', '--output'), backup: flag('-b', '--backup'), directory: option('-d', '--directory'), forward: flag('-N', '--forward'), silent: flag('-s', '--silent', '--quiet'), force: flag('-f', '--force'), batch: flag('-t', '--batch'), unified: flag('-u', '--unified') },
  async run(process, o) {
    if (o.directory !== undefined) process.chdir(o.directory)
    let text: string
    try {
      text = decodeLossless(await readInput(process, o.input ?? o.operands[1] ?? '-'))
    } catch (error) {
      await complain(process, `**** Can't open patch file ${o.input ?? ''} : ${reason(error)}`)
      return 2
    }
    const patching = new Patching(process, o)
    for (const part of text.split(/^(?=--- )/m)) await patching.part(part)
    return patching.status
  },
})

interface Options {
  readonly strip: string | undefined
  readonly reverse: boolean
  readonly dry: boolean
  readonly output: string | undefined
  readonly backup: boolean
  readonly silent: boolean
  readonly operands: readonly string[]
}

class Patching {
  status = 0

  constructor(
    private readonly process: Process,
    private readonly o: Options,
  ) {}

  /** The hunks of one file. */
  async part(text: string): Promise<void> {
    const { process, o } = this
    const head = /^--- ([^\t\n]+).*\n\+\+\+ ([^\t\n]+).*\n/.exec(text)
    if (!head) return
    const [from, to] = o.reverse ? [head[2] as string, head[1] as string] : [head[1] as string, head[2] as string]
    const file = o.operands[0] ?? this.stripped(to === '/dev/null' ? from : to)
    if (!o.silent) await print(process, `${o.dry ? 'checking' : 'patching'} file ${file}\n`)
    const before = process.files.exists(file) ? process.files.readText(file).split('\n') : ['']
    const applied = applyHunks(before, text.slice(head[0].length), o.reverse)
    await this.failures(file, applied)
    if (o.dry) return
    if (o.backup && process.files.exists(file)) process.files.writeFile(`${file}.orig`, before.join('\n'))
    process.files.writeFile(o.output ?? file, encodeLossless(applied.lines.join('\n')))
  }

  private stripped(name: string): string {
    return this.o.strip === undefined ? (name.split('/').pop() ?? name) : name.split('/').slice(Number(this.o.strip)).join('/')
  }

  private async failures(file: string, { failed, total }: Applied): Promise<void> {
    for (const { number, line } of failed) await print(this.process, `Hunk #${number} FAILED at ${line}.\n`)
    if (failed.length === 0) return
    await print(this.process, `${failed.length} out of ${total} hunk${total === 1 ? '' : 's'} FAILED -- saving rejects to file ${file}.rej\n`)
    this.status = 1
  }
}

interface Applied {
  readonly lines: readonly string[]
  readonly failed: readonly { readonly number: number; readonly line: number }[]
  readonly total: number
}

function applyHunks(before: readonly string[], text: string, reverse: boolean): Applied {
  const lines = [...before]
  const failed: { number: number; line: number }[] = []
  let shift = 0
  let total = 0
  for (const hunk of text.split(/^(?=@@ )/m)) {
    const read = readHunk(hunk, reverse)
    if (!read) continue
    total++
    const wanted = Math.max(0, read.line - 1 + shift)
    const at = placeOf(lines, read.old, wanted)
    if (at === undefined) {
      failed.push({ number: total, line: wanted + 1 })
      continue
    }
    lines.splice(at, read.old.length, ...read.next)
    shift += read.next.length - read.old.length
  }
  return { lines, failed, total }
}

function readHunk(hunk: string, reverse: boolean): { line: number; old: string[]; next: string[] } | undefined {
  const head = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@.*\n/.exec(hunk)
  if (!head) return undefined
  const body = hunk.slice(head[0].length).split('\n').filter((line, index, all) => !line.startsWith('\\') && !(line === '' && index === all.length - 1))
  const without = (mark: string): string[] => body.filter((line) => !line.startsWith(mark)).map((line) => line.slice(1))
  return { line: Number(head[reverse ? 2 : 1]), old: without(reverse ? '-' : '+'), next: without(reverse ? '+' : '-') }
}

/** The nearest place where the old lines stand. */
function placeOf(lines: readonly string[], old: readonly string[], wanted: number): number | undefined {
  const places = [...Array(lines.length + 1).keys()].sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted))
  return places.find((start) => old.every((line, index) => lines[start + index] === line))
}
