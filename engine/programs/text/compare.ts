/** diff, cmp, patch. */
import { decodeLossless, encodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, list, option, optional } from '#engine/linux/abi/flags'
import { complain, print, programName, readInput, reason } from '#engine/programs/common/gnu'
import { colored, type DiffOptions, hunksOf, rcsText, normalText, sideText, splitForDiff, unifiedText, contextText } from '#engine/programs/text/diff-format'
import { matchesGlob } from '#engine/shell/patterns/glob'
import { formatDate } from '#engine/shell/builtins/strftime'

const diff = defineProgram({
  name: 'diff',
  version: 'diff (GNU diffutils) 3.8',
  usageExit: 2,
  flags: {
    normal: flag('--normal'), brief: flag('-q', '--brief'), identical: flag('-s', '--report-identical-files'), context: optional('-c'), contextLong: optional('--context'), contextLines: option('-C'), unified: flag('-u'), unifiedLong: optional('--unified'), unifiedLines: option('-U'), ed: flag('-e', '--ed'), rcs: flag('-n', '--rcs'), side: flag('-y', '--side-by-side'), width: option('-W', '--width'), leftColumn: flag('--left-column'), suppress: flag('--suppress-common-lines'),
    showFunction: flag('-p', '--show-c-function'), label: list('--label', '-L'), recursive: flag('-r', '--recursive'), newFile: flag('-N', '--new-file'), exclude: list('-x', '--exclude'), ignoreCase: flag('-i', '--ignore-case'), ignoreTab: flag('-E', '--ignore-tab-expansion'), ignoreTrailing: flag('-Z', '--ignore-trailing-space'), ignoreSpace: flag('-b', '--ignore-space-change'), ignoreAll: flag('-w', '--ignore-all-space'), ignoreBlank: flag('-B', '--ignore-blank-lines'), text: flag('-a', '--text'), stripCr: flag('--strip-trailing-cr'), color: optional('--color'), minimal: flag('-d', '--minimal'), ignoreMatching: list('-I', '--ignore-matching-lines'), dereference: flag('--no-dereference'),
  },
  rewrite: (args) => args.map((arg) => (/^-u?\d+$/.test(arg) ? `-U${arg.replace(/^-u?/, '')}` : arg)),
  async run(process, o) {
    if (o.color !== undefined && !['', 'always', 'never', 'auto'].includes(o.color)) return misused(process, `invalid color '${o.color}'`)
    const [first, second, extra] = o.operands
    if (first === undefined) return misused(process, `missing operand after '${programName(process)}'`)
    if (second === undefined) return misused(process, `missing operand after '${first}'`)
    if (extra !== undefined) return misused(process, `extra operand '${extra}'`)
    const context = o.unifiedLines ?? (o.unifiedLong || undefined) ?? o.contextLines ?? (o.contextLong || undefined) ?? (o.context || undefined) ?? '3'
    const style = o.side ? 'side' : o.ed ? 'ed' : o.rcs ? 'rcs' : o.unified || o.unifiedLines !== undefined || o.unifiedLong !== undefined ? 'unified' : o.context !== undefined || o.contextLines !== undefined || o.contextLong !== undefined ? 'context' : 'normal'
    const options: DiffOptions = { style, color: o.color === '' ? 'auto' : o.color, context: Number(context), brief: o.brief, identical: o.identical, labels: o.label, width: Number(o.width ?? 130), suppress: o.suppress, leftColumn: o.leftColumn, ignoreCase: o.ignoreCase, ignoreTrailing: o.ignoreTrailing, ignoreSpace: o.ignoreSpace, ignoreAll: o.ignoreAll, ignoreBlank: o.ignoreBlank, text: o.text, stripCr: o.stripCr }
    const differ = new Differ(process, options, { recursive: o.recursive, newFile: o.newFile, exclude: o.exclude })
    return differ.compare(first, second)
  },
})

/** diffutils put their name before the advice too. */
async function misused(process: Process, message: string): Promise<number> {
  const name = programName(process)
  await process.stderr.write(encodeLossless(`${name}: ${message}\n${name}: Try '${name} --help' for more information.\n`))
  return 2
}

class Differ {
  constructor(
    private readonly process: Process,
    private readonly o: DiffOptions,
    private readonly tree: { recursive: boolean; newFile: boolean; exclude: readonly string[] },
  ) {}

  private typeOf(path: string): string | undefined {
    if (path === '-') return 'file'
    try {
      return this.process.files.exists(path)?.type
    } catch (error) {
      if (isErrno(error)) return undefined
      throw error
    }
  }

  async compare(a: string, b: string): Promise<number> {
    let [left, right] = [a, b]
    const [ta, tb] = [this.typeOf(a), this.typeOf(b)]
    let missing = 0
    for (const [path, type] of [[a, ta], [b, tb]] as const) {
      if (type !== undefined || this.tree.newFile) continue
      await complain(this.process, `${path}: No such file or directory`)
      missing++
    }
    if (missing > 0) return 2
    if (ta === 'directory' && tb === 'directory') return this.directories(a, b)
    if (ta === 'directory') left = `${a.replace(/\/$/, '')}/${b.split('/').pop() ?? ''}`
    else if (tb === 'directory') right = `${b.replace(/\/$/, '')}/${a.split('/').pop() ?? ''}`
    if ((ta === 'directory' || tb === 'directory') && (this.typeOf(left) === undefined || this.typeOf(right) === undefined)) {
      await complain(this.process, `${this.typeOf(left) === undefined ? left : right}: No such file or directory`)
      return 2
    }
    return this.files(left, right, undefined)
  }

  private names(path: string): string[] {
    return this.process.files.readDirectory(path).map((entry) => entry.name).filter((name) => name !== '.' && name !== '..' && !this.tree.exclude.some((pattern) => matchesGlob(pattern, name)))
  }

  private async directories(a: string, b: string): Promise<number> {
    const [left, right] = [new Set(this.names(a)), new Set(this.names(b))]
    let status = 0
    const join = (directory: string, name: string): string => `${directory.replace(/(?!^)\/$/, '')}/${name}`
    for (const name of [...new Set([...left, ...right])].sort()) {
      const [x, y] = [join(a, name), join(b, name)]
      if (!left.has(name) || !right.has(name)) {
        if (this.tree.newFile && (this.typeOf(x) ?? this.typeOf(y)) === 'file') status = Math.max(status, await this.files(x, y, `diff ${this.switches()}${x} ${y}`))
        else {
          await print(this.process, `Only in ${(left.has(name) ? a : b).replace(/(?!^)\/$/, '')}: ${name}\n`)
          status = Math.max(status, 1)
        }
        continue
      }
      const [tx, ty] = [this.typeOf(x), this.typeOf(y)]
      if (tx === 'directory' && ty === 'directory') {
        if (this.tree.recursive) status = Math.max(status, await this.directories(x, y))
        else await print(this.process, `Common subdirectories: ${x} and ${y}\n`)
      } else if (tx !== ty) {
        const word = (type: string | undefined): string => (type === 'directory' ? 'directory' : type === 'file' ? 'regular file' : (type ?? 'nothing'))
        await print(this.process, `File ${x} is a ${word(tx)} while file ${y} is a ${word(ty)}\n`)
        status = Math.max(status, 1)
      } else status = Math.max(status, await this.files(x, y, `diff ${this.switches()}${x} ${y}`))
    }
    return status
  }

  private switches(): string {
    return this.process.argv.slice(1).filter((arg) => /^-./.test(arg)).map((arg) => `${arg} `).join('')
  }

  private async read(path: string): Promise<Uint8Array> {
    return this.tree.newFile && this.typeOf(path) === undefined ? new Uint8Array(0) : readInput(this.process, path)
  }

  private async files(a: string, b: string, head: string | undefined): Promise<number> {
    let x: Uint8Array
    let y: Uint8Array
    try {
      x = await this.read(a)
      y = a === b ? x : await this.read(b)
    } catch (error) {
      await complain(this.process, `${a}: ${reason(error)}`)
      return 2
    }
    const same = x.length === y.length && x.every((byte, index) => byte === y[index])
    if (!same && !this.o.text && (x.includes(0) || y.includes(0))) {
      await print(this.process, this.o.brief ? `Files ${a} and ${b} differ\n` : `Binary files ${a} and ${b} differ\n`)
      return this.o.brief ? 1 : 2
    }
    const left = splitForDiff(decodeLossless(x))
    const right = splitForDiff(decodeLossless(y))
    const hunks = same ? [] : hunksOf(left, right, this.o)
    if (hunks.length === 0) {
      if (this.o.identical) await print(this.process, `Files ${a} and ${b} are identical\n`)
      if (this.o.style === 'side' && !this.o.suppress) await print(this.process, sideText(left, right, [], this.o))
      return 0
    }
    if (this.o.brief) await print(this.process, `Files ${a} and ${b} differ\n`)
    else await print(this.process, (head === undefined ? '' : `${head}\n`) + this.painted(this.text(a, b, left, right, hunks)))
    return 1
  }

  private text(a: string, b: string, left: ReturnType<typeof splitForDiff>, right: ReturnType<typeof splitForDiff>, hunks: ReturnType<typeof hunksOf>): string {
    const names: [string, string] = [this.o.labels[0] ?? `${a}\t${this.stamp(a)}`, this.o.labels[1] ?? `${b}\t${this.stamp(b)}`]
    if (this.o.style === 'unified') return unifiedText(left, right, hunks, names, this.o)
    if (this.o.style === 'context') return contextText(left, right, hunks, names, this.o)
    if (this.o.style === 'side') return sideText(left, right, hunks, this.o)
    if (this.o.style === 'rcs') return rcsText(right, hunks)
    return normalText(left, right, hunks, this.o.style === 'ed')
  }

  private painted(text: string): string {
    const on = this.o.color === 'always' || (this.o.color === 'auto' && this.process.descriptor(1).kind === 'tty')
    return on ? colored(text, this.o.style) : text
  }

  private stamp(path: string): string {
    const ms = path === '-' ? this.process.clock.now() : (this.process.files.exists(path)?.mtimeMs ?? 0)
    return formatDate('%Y-%m-%d %H:%M:%S.%N %z', ms, 0, 'UTC')
  }
}

const cmp = defineProgram({
  name: 'cmp',
  version: 'cmp (GNU diffutils) 3.8',
  usageExit: 2,
  flags: { bytes: flag('-b', '--print-bytes'), skip: option('-i', '--ignore-initial'), verbose: flag('-l', '--verbose'), limit: option('-n', '--bytes'), silent: flag('-s', '--quiet', '--silent') },
  async run(process, o) {
    const [first, second = '-'] = o.operands
    if (first === undefined) return misused(process, `missing operand after '${programName(process)}'`)
    const pieces: Uint8Array[] = []
    for (const name of [first, second]) {
      try {
        pieces.push(await readInput(process, name))
      } catch (error) {
        if (!o.silent) await complain(process, `${name}: ${reason(error)}`)
        return 2
      }
    }
    const skip = Number(o.skip ?? 0)
    const [a, b] = pieces.map((bytes) => bytes.subarray(skip, o.limit === undefined ? undefined : skip + Number(o.limit))) as [Uint8Array, Uint8Array]
    let line = 1
    let differs = false
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      if (a[i] !== b[i]) {
        if (o.silent) return 1
        differs = true
        const octal = (byte: number): string => byte.toString(8).padStart(3)
        if (!o.verbose) {
          await print(process, `${first} ${second} differ: ${o.bytes ? 'byte' : 'byte'} ${i + 1}, line ${line}${o.bytes ? ` is ${octal(a[i] as number)} ${String.fromCharCode(a[i] as number)} ${octal(b[i] as number)} ${String.fromCharCode(b[i] as number)}` : ''}\n`)
          return 1
        }
        await print(process, `${String(i + 1).padStart(String(Math.min(a.length, b.length)).length)} ${octal(a[i] as number)} ${octal(b[i] as number)}\n`)
      }
      if (a[i] === 10) line++
    }
    if (a.length === b.length) return differs ? 1 : 0
    if (o.silent) return 1
    const [short, bytes] = a.length < b.length ? [first, a] : [second, b]
    await process.stderr.write(`${programName(process)}: EOF on ${short}${bytes.length === 0 ? ' which is empty' : ` after byte ${bytes.length}${o.verbose ? '' : `, ${bytes[bytes.length - 1] === 10 ? '' : 'in '}line ${bytes[bytes.length - 1] === 10 ? line - 1 : line}`}`}\n`)
    return 1
  },
})

const patch = defineProgram({
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
    let status = 0
    const strip = (name: string): string => (o.strip === undefined ? (name.split('/').pop() as string) : name.split('/').slice(Number(o.strip)).join('/'))
    for (const part of text.split(/^(?=--- )/m)) {
      const head = /^--- ([^\t\n]+).*\n\+\+\+ ([^\t\n]+).*\n/.exec(part)
      if (!head) continue
      const [from, to] = o.reverse ? [head[2] as string, head[1] as string] : [head[1] as string, head[2] as string]
      const file = o.operands[0] ?? strip(to === '/dev/null' ? from : to)
      if (!o.silent) await print(process, `${o.dry ? 'checking' : 'patching'} file ${file}\n`)
      const before = process.files.exists(file) ? process.files.readText(file).split('\n') : ['']
      const applied = applyHunks(before, part.slice(head[0].length), o.reverse)
      for (const { number, line } of applied.failed) await print(process, `Hunk #${number} FAILED at ${line}.\n`)
      if (applied.failed.length > 0) {
        await print(process, `${applied.failed.length} out of ${applied.total} hunk${applied.total === 1 ? '' : 's'} FAILED -- saving rejects to file ${file}.rej\n`)
        status = 1
      }
      if (o.dry) continue
      if (o.backup && process.files.exists(file)) process.files.writeFile(`${file}.orig`, before.join('\n'))
      process.files.writeFile(o.output ?? file, encodeLossless(applied.lines.join('\n')))
    }
    return status
  },
})

function applyHunks(before: readonly string[], text: string, reverse: boolean): { lines: string[]; failed: { number: number; line: number }[]; total: number } {
  const lines = [...before]
  const failed: { number: number; line: number }[] = []
  let shift = 0
  let total = 0
  for (const hunk of text.split(/^(?=@@ )/m)) {
    const head = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@.*\n/.exec(hunk)
    if (!head) continue
    total++
    const body = hunk.slice(head[0].length).split('\n').filter((line, index, all) => !line.startsWith('\\') && !(line === '' && index === all.length - 1))
    const [minus, plus] = reverse ? ['+', '-'] : ['-', '+']
    const old = body.filter((line) => !line.startsWith(plus)).map((line) => line.slice(1))
    const next = body.filter((line) => !line.startsWith(minus)).map((line) => line.slice(1))
    const wanted = Math.max(0, Number(head[reverse ? 2 : 1]) - 1 + shift)
    const at = [...Array(lines.length + 1).keys()].sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted)).find((start) => old.every((line, index) => lines[start + index] === line))
    if (at === undefined) {
      failed.push({ number: total, line: wanted + 1 })
      continue
    }
    lines.splice(at, old.length, ...next)
    shift += next.length - old.length
  }
  return { lines, failed, total }
}

export const comparePrograms: readonly Program[] = [diff, cmp, patch]
