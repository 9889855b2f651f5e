/** tree. */
import type { DirectoryEntry } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { humanSize, print } from '#engine/programs/common/gnu'
import { matchesGlob } from '#engine/shell/patterns/glob'

interface Options {
  readonly all: boolean
  readonly directories: boolean
  readonly full: boolean
  readonly level: string | undefined
  readonly pattern: string | undefined
  readonly ignore: string | undefined
  readonly human: boolean
  readonly size: boolean
  readonly dirsFirst: boolean
  readonly classify: boolean
  readonly noIndent: boolean
}

export const tree = defineProgram({
  name: 'tree',
  version: 'tree v2.1.0 © 1996 - 2022 by Steve Baker, Thomas Moore, Francesc Rocher, Florian Sesser, Kyosuke Tokoro',
  flags: { all: flag('-a'), directories: flag('-d'), full: flag('-f'), level: option('-L'), pattern: option('-P'), ignore: option('-I'), noReport: flag('--noreport'), human: flag('-h'), size: flag('-s'), dirsFirst: flag('--dirsfirst'), classify: flag('-F'), mode: flag('-p'), noIndent: flag('-i'), color: flag('-C'), noColor: flag('-n'), charset: option('--charset') },
  async run(process, o) {
    const walk = new Walk(process, o)
    for (const path of o.operands.length > 0 ? o.operands : ['.']) walk.start(path)
    await print(process, walk.out + (o.noReport ? '' : walk.report()))
    return 0
  },
})

class Walk {
  out = ''
  private directories = 0
  private files = 0

  constructor(
    private readonly process: Process,
    private readonly o: Options,
  ) {}

  start(path: string): void {
    if (this.process.files.exists(path)?.type !== 'directory') {
      this.out += `${path}  [error opening dir]\n`
      return
    }
    this.out += `${path}\n`
    this.directories++
    this.inside(path.replace(/(?!^)\/$/, ''), '', 0)
  }

  report(): string {
    const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`
    return `\n${counted(this.directories, 'directory', 'directories')}${this.o.directories ? '' : `, ${counted(this.files, 'file', 'files')}`}\n`
  }

  private inside(path: string, prefix: string, depth: number): void {
    if (this.o.level !== undefined && depth >= Number(this.o.level)) return
    const entries = this.entries(path)
    entries.forEach((entry, index) => {
      const last = index === entries.length - 1
      const own = path === '/' ? `/${entry.name}` : `${path}/${entry.name}`
      this.out += `${this.o.noIndent ? '' : prefix + (last ? '└── ' : '├── ')}${this.line(entry, own)}\n`
      if (entry.type !== 'directory') this.files++
      else {
        this.directories++
        this.inside(own, prefix + (last ? '    ' : '│\u00a0\u00a0 '), depth + 1)
      }
    })
  }

  private entries(path: string): DirectoryEntry[] {
    const first = (entry: DirectoryEntry): number => (this.o.dirsFirst && entry.type !== 'directory' ? 1 : 0)
    return this.process.files.readDirectory(path).filter((entry) => this.wanted(entry)).sort((a, b) => first(a) - first(b) || (a.name < b.name ? -1 : 1))
  }

  private wanted({ name, type }: DirectoryEntry): boolean {
    const { o } = this
    if (name === '.' || name === '..' || (!o.all && name.startsWith('.'))) return false
    if (o.ignore?.split('|').some((pattern) => matchesGlob(pattern, name))) return false
    return type === 'directory' || (!o.directories && (o.pattern === undefined || matchesGlob(o.pattern, name)))
  }

  private line(entry: DirectoryEntry, path: string): string {
    const { o, process } = this
    const link = entry.type === 'symlink' ? ` -> ${process.files.readlink(path)}` : ''
    return `${this.size(path)}${o.full ? path : entry.name}${o.classify && entry.type === 'directory' ? '/' : ''}${link}`
  }

  private size(path: string): string {
    if (!this.o.human && !this.o.size) return ''
    const { size } = this.process.files.lstat(path)
    return `[${this.o.human ? humanSize(size).padStart(4) : String(size).padStart(11)}]  `
  }
}
