/** namei of util-linux: each step of a path, with what it is. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Stat } from '#engine/linux/abi/files'
import { flag, parseFlags, UsageError } from '#engine/linux/abi/flags'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'

const flags = { modes: flag('-m', '--modes'), owners: flag('-o', '--owners'), long: flag('-l', '--long'), noSymlinks: flag('-n', '--nosymlinks'), vertical: flag('-v', '--vertical') }

export const namei: Program = {
  name: 'namei',
  unsupported: '-x mount points',
  async run(process) {
    try {
      const { values, operands } = parseFlags(flags, process.argv.slice(1), false)
      if (operands.length === 0) throw new UsageError('pathname argument is missing')
      const walk = new Walk(process, { modes: values.modes || values.long, owners: values.owners || values.long, vertical: values.vertical || values.long, follows: !values.noSymlinks })
      for (const path of operands) walk.path(path)
      await process.stdout.write(walk.out)
      return walk.failed ? 1 : 0
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      await process.stderr.write(`namei: ${error.message}\nTry 'namei --help' for more information.\n`)
      return 1
    }
  },
}

interface Manner {
  readonly modes: boolean
  readonly owners: boolean
  readonly vertical: boolean
  readonly follows: boolean
}

const letters: Readonly<Record<string, string>> = { directory: 'd', symlink: 'l', file: '-', socket: 's', block: 'b', character: 'c', fifo: 'p' }

class Walk {
  out = ''
  failed = false
  private readonly names: Readonly<Record<'passwd' | 'group', ReadonlyMap<number, string>>>

  constructor(
    private readonly process: Process,
    private readonly manner: Manner,
  ) {
    this.names = { passwd: this.database('/etc/passwd'), group: this.database('/etc/group') }
  }

  path(path: string): void {
    this.out += `f: ${path}\n`
    this.steps(path, path.startsWith('/') ? '/' : this.process.cwd(), 0)
  }

  /** The place where the path has led. */
  private steps(path: string, from: string, depth: number): string | undefined {
    let at = from
    if (path.startsWith('/')) {
      at = '/'
      this.line('/', '/', depth)
    }
    for (const name of path.split('/').filter((part) => part !== '')) {
      const next = `${at === '/' ? '' : at}/${name}`
      const type = this.line(next, name, depth)
      if (type === undefined) return undefined
      const target = type === 'symlink' && this.manner.follows && depth < 40 ? this.steps(this.process.files.readlink(next), at, depth + 1) : next
      if (target === undefined) return undefined
      at = target
    }
    return at
  }

  private line(path: string, name: string, depth: number): string | undefined {
    const pad = this.manner.vertical ? '' : '  '.repeat(depth)
    const deep = this.manner.vertical ? '  '.repeat(depth) : ''
    try {
      const stat = this.process.files.lstat(path)
      const target = stat.type === 'symlink' ? ` -> ${this.process.files.readlink(path)}` : ''
      this.out += `${this.manner.vertical ? '' : ' '}${pad}${this.described(stat)}${deep}${name}${target}\n`
      return stat.type
    } catch (error) {
      if (!isErrno(error)) throw error
      this.failed = true
      this.out += `${this.manner.vertical ? '' : ' '}${pad}${this.manner.vertical ? ' '.repeat(this.manner.modes ? 11 : 2) : '  '}${deep}${name} - ${error.message}\n`
      return undefined
    }
  }

  private described(stat: Stat): string {
    const kind = letters[stat.type] ?? '?'
    const bits = [...'rwxrwxrwx'].map((bit, index) => ((stat.mode >> (8 - index)) & 1 ? bit : '-')).join('')
    const owner = this.manner.owners ? `${this.names.passwd.get(stat.uid) ?? stat.uid} ${this.names.group.get(stat.gid) ?? stat.gid} ` : ''
    return `${kind}${this.manner.modes ? withSpecial(bits, stat.mode) : ''} ${owner}`
  }

  private database(path: string): ReadonlyMap<number, string> {
    if (!this.process.files.exists(path)) return new Map()
    return new Map(this.process.files.readText(path).split('\n').filter((line) => line !== '').map((line) => [Number(line.split(':')[2]), line.split(':')[0] ?? ''] as const))
  }
}

/** Set-user-id, set-group-id and the sticky bit take an `x`'s place. */
function withSpecial(bits: string, mode: number): string {
  const out = [...bits]
  for (const [bit, at, letter] of [[0o4000, 2, 's'], [0o2000, 5, 's'], [0o1000, 8, 't']] as const) if (mode & bit) out[at] = out[at] === 'x' ? letter : letter.toUpperCase()
  return out.join('')
}
