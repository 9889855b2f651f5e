/** find (findutils 4.9). */
import { complaintLine } from '#engine/programs/common/busybox'
import { encodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { Accounts, quote, reason } from '#engine/programs/common/gnu'
import { FindProblem, parseExpression } from '#engine/programs/text/find/parser'
import { type FindContext, type FindSettings, type Node, type Visit, Quit } from '#engine/programs/text/find/nodes'

export const find: Program = {
  name: 'find',
  async run(process) {
    if (process.argv[1] === '-version' || process.argv[1] === '--version') {
      await process.stdout.write('find (GNU findutils) 4.9.0\n')
      return 0
    }
    if (process.argv[1] === '-help' || process.argv[1] === '--help') {
      await process.stdout.write('Usage: find [-H] [-L] [-P] [-Olevel] [-D debugopts] [path...] [expression]\n')
      return 0
    }
    const finder = new Finder(process)
    try {
      return await finder.run(process.argv.slice(1))
    } catch (error) {
      if (!(error instanceof FindProblem)) throw error
      await finder.complain(error.message)
      return 1
    }
  },
}

const follows: Readonly<Record<string, 'never' | 'arguments' | 'always'>> = { '-L': 'always', '-H': 'arguments', '-P': 'never' }

class Finder implements FindContext {
  readonly accounts: Accounts
  readonly settings: FindSettings = { maxDepth: Infinity, minDepth: 0, depthFirst: false, oneFileSystem: false, syntax: 'emacs' }
  status = 0
  readonly warnings: string[] = []
  private follow: 'never' | 'arguments' | 'always' = 'never'
  private pending: string[] = []
  private pendingSize = 0
  private readonly outputs = new Map<string, OpenFile>()
  readonly finishers: (() => Promise<void>)[] = []

  constructor(readonly process: Process) {
    this.accounts = new Accounts(process)
  }

  get followLinks(): boolean {
    return this.follow === 'always'
  }

  async complain(message: string): Promise<void> {
    await this.flush()
    await this.process.stderr.write(encodeLossless(complaintLine(this.process, this.process.argv[0] ?? 'find', message)))
  }

  async print(text: string): Promise<void> {
    this.pending.push(text)
    this.pendingSize += text.length
    if (this.pendingSize > 8192) await this.flush()
  }

  async printTo(path: string, text: string): Promise<void> {
    let file = this.outputs.get(path)
    if (!file) this.outputs.set(path, (file = this.process.files.open(path, { write: true, create: true, truncate: true }, 0o666)))
    await file.write(encodeLossless(text))
  }

  async flush(): Promise<void> {
    if (this.pending.length === 0) return
    const text = this.pending.join('')
    this.pending = []
    this.pendingSize = 0
    await this.process.stdout.write(encodeLossless(text))
  }

  async run(args: readonly string[]): Promise<number> {
    const first = args.findIndex((arg) => !/^-[HLP]$|^-O\d$/.test(arg))
    const options = first < 0 ? args : args.slice(0, first)
    for (const option of options) this.follow = follows[option] ?? this.follow
    const rest = args.slice(options.length)
    const end = rest.findIndex((arg) => /^(-.|[(!]$)/.test(arg))
    const paths = end < 0 ? rest : rest.slice(0, end)
    const expression = parseExpression(this, end < 0 ? [] : rest.slice(end), (follow) => (this.follow = follow ? 'always' : this.follow))
    for (const warning of expression.warnings) await this.complain(warning)
    await this.search(paths.length > 0 ? paths : ['.'], expression.node)
    for (const finish of this.finishers) await finish()
    await this.flush()
    for (const file of this.outputs.values()) file.release()
    return this.status
  }

  private async search(paths: readonly string[], node: Node): Promise<void> {
    try {
      for (const path of paths) await this.start(path, node)
    } catch (error) {
      if (!(error instanceof Quit)) throw error
    }
  }

  private async start(path: string, node: Node): Promise<void> {
    await this.visit({ path, name: path.replace(/(?!^)\/+$/, '').split('/').pop() || path, start: path, depth: 0 }, node, undefined)
  }

  private async visit(place: Omit<Visit, 'stat' | 'type' | 'prune'>, node: Node, device: number | undefined): Promise<void> {
    const visit = await this.look(place)
    if (!visit) return
    const { minDepth, depthFirst } = this.settings
    const inside = place.depth >= minDepth
    if (!depthFirst && inside) await node(visit)
    if (this.descends(visit, device)) await this.children(visit, node, device ?? visit.stat.dev)
    if (depthFirst && inside) await node(visit)
  }

  private async look(place: Omit<Visit, 'stat' | 'type' | 'prune'>): Promise<Visit | undefined> {
    try {
      const own = this.process.files.lstat(place.path)
      const follows = this.follow === 'always' || (this.follow === 'arguments' && place.depth === 0)
      return { ...place, stat: own.type === 'symlink' && follows ? (this.quietStat(place.path) ?? own) : own, prune: false }
    } catch (error) {
      await this.complain(`${quote(this.process, place.path)}: ${reason(error)}`)
      this.status = 1
      return undefined
    }
  }

  private descends({ stat, depth, prune }: Visit, device: number | undefined): boolean {
    const { maxDepth, oneFileSystem } = this.settings
    return stat.type === 'directory' && depth < maxDepth && !prune && !(oneFileSystem && device !== undefined && device !== stat.dev)
  }

  private quietStat(path: string): Visit['stat'] | undefined {
    try {
      return this.process.files.stat(path)
    } catch (error) {
      if (isErrno(error)) return undefined
      throw error
    }
  }

  private async children(visit: Visit, node: Node, device: number): Promise<void> {
    let names: string[]
    try {
      names = this.process.files.readDirectory(visit.path).map((entry) => entry.name).filter((name) => name !== '.' && name !== '..')
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return
      await this.complain(`${quote(this.process, visit.path)}: ${reason(error)}`)
      this.status = 1
      return
    }
    for (const name of names) await this.visit({ path: visit.path.endsWith('/') ? visit.path + name : `${visit.path}/${name}`, name, start: visit.start, depth: visit.depth + 1 }, node, device)
  }
}

export const findPrograms: readonly Program[] = [find]
