/** Compares files, and directories file by file. */
import { decodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { complain, print, readInput, reason } from '#engine/programs/common/gnu'
import { colored, contextText, type DiffOptions, hunksOf, type Lines, normalText, rcsText, sideText, splitForDiff, unifiedText } from '#engine/programs/text/diff/format'
import { expandTabs } from '#engine/programs/coreutils/tabs'
import { matchesGlob } from '#engine/shell/patterns/glob'
import { formatDate } from '#engine/shell/builtins/strftime'

export class Differ {
  constructor(
    private readonly process: Process,
    private readonly o: DiffOptions,
    private readonly tree: { recursive: boolean; newFile: boolean; exclude: readonly string[]; expandTabs: boolean; initialTab: boolean },
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
    const [left, right] = [this.typeOf(a), this.typeOf(b)]
    const missing = this.tree.newFile ? [] : [[a, left], [b, right]].filter(([, type]) => type === undefined)
    for (const [path] of missing) await complain(this.process, `${path ?? ''}: No such file or directory`)
    if (missing.length > 0) return 2
    if (left === 'directory' && right === 'directory') return a === b ? 0 : this.directories(a, b)
    if (left === 'directory') return this.inDirectory(within(a, b), b)
    return right === 'directory' ? this.inDirectory(a, within(b, a)) : this.files(a, b, undefined)
  }

  /** A file and a directory: its namesake in there. */
  private async inDirectory(a: string, b: string): Promise<number> {
    const missing = [a, b].find((path) => this.typeOf(path) === undefined)
    if (missing === undefined) return this.files(a, b, undefined)
    await complain(this.process, `${missing}: No such file or directory`)
    return 2
  }

  private names(path: string): string[] {
    return this.process.files.readDirectory(path).map((entry) => entry.name).filter((name) => name !== '.' && name !== '..' && !this.tree.exclude.some((pattern) => matchesGlob(pattern, name)))
  }

  private async directories(a: string, b: string): Promise<number> {
    const [left, right] = [new Set(this.names(a)), new Set(this.names(b))]
    let status = 0
    for (const name of [...new Set([...left, ...right])].sort()) {
      const one = left.has(name) && right.has(name) ? await this.both(join(a, name), join(b, name)) : await this.onlyOne(left.has(name) ? a : b, name, join(a, name), join(b, name))
      status = Math.max(status, one)
    }
    return status
  }

  private async onlyOne(directory: string, name: string, x: string, y: string): Promise<number> {
    if (this.tree.newFile && (this.typeOf(x) ?? this.typeOf(y)) === 'file') return this.files(x, y, this.head(x, y))
    await print(this.process, `Only in ${directory.replace(/(?!^)\/$/, '')}: ${name}\n`)
    return 1
  }

  private async both(x: string, y: string): Promise<number> {
    const [left, right] = [this.typeOf(x), this.typeOf(y)]
    if (left !== right) {
      await print(this.process, `File ${x} is a ${kindWord(left)} while file ${y} is a ${kindWord(right)}\n`)
      return 1
    }
    if (left !== 'directory') return this.files(x, y, this.head(x, y))
    if (this.tree.recursive) return this.directories(x, y)
    await print(this.process, `Common subdirectories: ${x} and ${y}\n`)
    return 0
  }

  /** The command that would compare the two alone. */
  private head(x: string, y: string): string {
    const { argv } = this.process
    const switches = argv.slice(1).filter((arg, index) => /^-./.test(arg) || /^-(?:[xILUCW]|-(?:label|exclude|width|ignore-matching-lines))$/.test(argv[index] ?? ''))
    return `diff ${switches.map((arg) => `${/[^\w./,:+-]/.test(arg) ? `'${arg}'` : arg} `).join('')}${x} ${y}`
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
      return 1
    }
    return this.texts([a, b], [splitForDiff(decodeLossless(x)), splitForDiff(decodeLossless(y))], same, head)
  }

  private async texts([a, b]: readonly [string, string], [left, right]: readonly [Lines, Lines], same: boolean, head: string | undefined): Promise<number> {
    const hunks = same ? [] : hunksOf(left, right, this.o)
    if (hunks.length === 0) {
      if (this.o.identical) await print(this.process, `Files ${a} and ${b} are identical\n`)
      if (this.o.style === 'side' && !this.o.suppress) await print(this.process, sideText(left, right, [], this.o))
      return 0
    }
    if (this.o.brief) await print(this.process, `Files ${a} and ${b} differ\n`)
    else await print(this.process, (head === undefined ? '' : `${head}\n`) + this.painted(this.laidOut(this.text(a, b, left, right, hunks))))
    return 1
  }

  private text(a: string, b: string, left: Lines, right: Lines, hunks: ReturnType<typeof hunksOf>): string {
    const names: [string, string] = [this.o.labels[0] ?? `${a}\t${this.stamp(a)}`, this.o.labels[1] ?? `${b}\t${this.stamp(b)}`]
    if (this.o.style === 'unified') return unifiedText(left, right, hunks, names, this.o)
    if (this.o.style === 'context') return contextText(left, right, hunks, names, this.o)
    if (this.o.style === 'side') return sideText(left, right, hunks, this.o)
    if (this.o.style === 'rcs') return rcsText(right, hunks)
    return normalText(left, right, hunks, this.o.style === 'ed')
  }

  /** With a tab after the mark (-T), and with blanks for tabs (-t). */
  private laidOut(text: string): string {
    const { expandTabs: expand, initialTab } = this.tree
    if ((!expand && !initialTab) || this.o.style === 'side' || this.o.style === 'rcs' || this.o.style === 'ed') return text
    const marks = this.o.style === 'unified' ? /^([-+ ])(?![-+]{2} )/ : /^([<>!+ -]) /
    return text.split("\n").map((line) => (marks.test(line) ? withTabs(line, marks, initialTab, expand) : line)).join("\n")
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

/** Tab stops count from the text's own beginning. */
function withTabs(line: string, marks: RegExp, initialTab: boolean, expand: boolean): string {
  const mark = marks.exec(line)?.[0] ?? ''
  const rest = line.slice(mark.length)
  return (initialTab ? `${mark.trimEnd() || ' '}\t` : mark) + (expand ? expandTabs(rest, { stops: [8] }) : rest)
}

function join(directory: string, name: string): string {
  return `${directory.replace(/(?!^)\/$/, '')}/${name}`
}

function within(directory: string, file: string): string {
  return `${directory.replace(/\/$/, '')}/${file.split('/').pop() ?? ''}`
}

function kindWord(type: string | undefined): string {
  return type === 'file' ? 'regular file' : (type ?? 'nothing')
}
