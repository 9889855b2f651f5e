/** Names with dots as a tree, as /proc/sys shows them; each prefix is known by its position in the sorted list of all. */
export interface SettingEntry {
  readonly name: string
  readonly type: 'file' | 'directory'
  readonly index: number
}

export class SettingTree {
  private readonly prefixes: string[]
  private readonly indexes: ReadonlyMap<string, number>
  private readonly leaves: ReadonlySet<string>

  constructor(names: readonly string[]) {
    const all = new Set<string>([''])
    for (const name of names) {
      const parts = name.split('.')
      for (let count = 1; count <= parts.length; count++) all.add(parts.slice(0, count).join('.'))
    }
    this.leaves = new Set(names)
    this.prefixes = [...all].sort()
    this.indexes = new Map(this.prefixes.map((prefix, index) => [prefix, index]))
  }

  nameOf(index: number): string {
    return this.prefixes[index] ?? ''
  }

  isDirectory(index: number): boolean {
    return !this.leaves.has(this.nameOf(index))
  }

  /** Zero where there is none. */
  lookup(directory: number, name: string): number {
    const prefix = this.nameOf(directory)
    return this.indexes.get(prefix === '' ? name : `${prefix}.${name}`) ?? 0
  }

  list(directory: number): SettingEntry[] {
    const prefix = this.nameOf(directory)
    const start = prefix === '' ? '' : `${prefix}.`
    const out: SettingEntry[] = []
    for (const [index, name] of this.prefixes.entries()) {
      const rest = name.startsWith(start) ? name.slice(start.length) : ''
      if (rest !== '' && !rest.includes('.')) out.push({ name: rest, type: this.isDirectory(index) ? 'directory' : 'file', index })
    }
    return out
  }
}
