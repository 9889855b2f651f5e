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
  advice: (name) => `${name}: Try '${name} --help' for more information.`,
  flags: { strip: option('-p', '--strip'), input: option('-i', '--input'), reverse: flag('-R', '--reverse'), dry: flag('--dry-run'), output: option('-o', '--output'), backup: flag('-b', '--backup'), directory: option('-d', '--directory'), forward: flag('-N', '--forward'), silent: flag('-s', '--silent', '--quiet'), force: flag('-f', '--force'), batch: flag('-t', '--batch'), unified: flag('-u', '--unified'), removeEmpty: flag('-E', '--remove-empty-files'), suffix: option('-z', '--suffix') },
  async run(process, o) {
    if (o.directory !== undefined) process.chdir(o.directory)
    let text: string
    try {
      text = decodeLossless(await readInput(process, o.input ?? o.operands[1] ?? '-'))
    } catch (error) {
      await complain(process, `**** Can't open patch file ${o.input ?? ''} : ${reason(error)}`)
      return 2
    }
    if (text !== '' && !/^--- .*\n\+\+\+ /m.test(text)) {
      await complain(process, '**** Only garbage was found in the patch input.')
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
  readonly forward: boolean
  readonly force: boolean
  readonly batch: boolean
  readonly operands: readonly string[]
}

class Patching {
  status = 0
  private line = 1

  constructor(
    private readonly process: Process,
    private readonly o: Options,
  ) {}

  /** The hunks of one file. */
  async part(text: string): Promise<void> {
    const { process, o } = this
    const lineOfHunks = this.line + 2
    this.line += text.split('\n').length - 1
    const head = /^--- ([^\t\n]+).*\n\+\+\+ ([^\t\n]+).*\n/.exec(text)
    if (!head) return
    const hunks = text.slice(head[0].length)
    const file = o.operands[0] ?? this.fileOf(head[1] as string, head[2] as string)
    if (file === undefined) return this.notFound(head[0], hunks, lineOfHunks)
    if (!o.silent) await print(process, `${o.dry ? 'checking' : 'patching'} file ${o.output === undefined ? file : `${o.output} (read from ${file})`}\n`)
    const before = process.files.exists(file) ? process.files.readText(file).split('\n') : ['']
    const applied = await this.applied(file, before, hunks)
    if (applied === undefined) return this.reject(file, head[0] + hunks)
    await this.failures(file, applied, head[0] + hunks)
    if (o.dry) return
    if (o.backup && process.files.exists(file)) process.files.writeFile(`${file}.orig`, before.join('\n'))
    process.files.writeFile(o.output ?? file, encodeLossless(applied.lines.join('\n')))
  }

  /** Of the old and the new name that which is there; a file that is made anew has no old one. */
  private fileOf(from: string, to: string): string | undefined {
    const names = [from, to].filter((name) => name !== '/dev/null').map((name) => this.stripped(name)).filter((name) => name !== '')
    const there = names.filter((name) => this.process.files.exists(name) !== undefined)
    const depth = (name: string): number => name.split('/').length
    const best = [...there].sort((a, b) => depth(a) - depth(b) || a.length - b.length)[0]
    return best ?? (from === '/dev/null' || to === '/dev/null' ? names[0] : undefined)
  }

  private stripped(name: string): string {
    return this.o.strip === undefined ? (name.split('/').pop() ?? name) : name.split('/').slice(Number(this.o.strip)).join('/')
  }

  private async notFound(head: string, hunks: string, line: number): Promise<void> {
    const total = hunks.split(/^@@ /m).length - 1
    const rule = '--------------------------'
    const shown = head.split('\n').filter((one) => one !== '').map((one) => `|${one}\n`).join('')
    await print(this.process, `can't find file to patch at input line ${line}\nPerhaps you used the wrong -p or --strip option?\nThe text leading up to this was:\n${rule}\n${shown}${rule}\nFile to patch: \nSkip this patch? [y] \nSkipping patch.\n${total} out of ${total} hunk${total === 1 ? '' : 's'} ignored\n`)
    this.status = 1
  }

  /** What the hunks make of a file; undefined where they are there already and are left alone. */
  private async applied(file: string, before: readonly string[], hunks: string): Promise<Applied | undefined> {
    const { o, process } = this
    const forward = applyHunks(before, hunks, o.reverse)
    if (forward.failed[0]?.number !== 1) return forward
    const backward = applyHunks(before, hunks, !o.reverse)
    if (backward.failed.length > 0) return forward
    const found = 'Reversed (or previously applied) patch detected!'
    if (o.force) return print(process, `${found}  Applying it anyway.\n`).then(() => forward)
    if (o.batch) return print(process, `${found}  Assuming -R.\n`).then(() => backward)
    const total = forward.total
    await print(process, `${found}  ${o.forward ? 'Skipping patch.' : 'Assume -R? [n] \nApply anyway? [n] \nSkipping patch.'}\n${total} out of ${total} hunk${total === 1 ? '' : 's'} ignored -- saving rejects to file ${file}.rej\n`)
    return undefined
  }

  private reject(file: string, text: string): void {
    this.status = 1
    if (!this.o.dry) this.process.files.writeFile(`${file}.rej`, encodeLossless(text.replace(/^((?:---|\+\+\+) [^\t\n]+)\t.*$/gm, '$1')))
  }

  private async failures(file: string, { failed, total }: Applied, text: string): Promise<void> {
    for (const { number, line } of failed) await print(this.process, `Hunk #${number} FAILED at ${line}.\n`)
    if (failed.length === 0) return
    await print(this.process, `${failed.length} out of ${total} hunk${total === 1 ? '' : 's'} FAILED${this.o.dry ? '' : ` -- saving rejects to file ${file}.rej`}\n`)
    this.reject(file, text)
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
