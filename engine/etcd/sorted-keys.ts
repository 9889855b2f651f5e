/** Keys in order: a sorted array with binary search. Inserting moves pointers, which is cheap up to some 100,000 keys. */
export class SortedKeys {
  private readonly keys: string[] = []

  get size(): number {
    return this.keys.length
  }

  add(key: string): void {
    const at = this.lowerBound(key)
    if (this.keys[at] !== key) this.keys.splice(at, 0, key)
  }

  remove(key: string): void {
    const at = this.lowerBound(key)
    if (this.keys[at] === key) this.keys.splice(at, 1)
  }

  /** Keys in [from, end); without an end all from `from` on. */
  range(from: string, end: string | undefined): string[] {
    return this.keys.slice(this.lowerBound(from), end === undefined ? this.keys.length : this.lowerBound(end))
  }

  private lowerBound(key: string): number {
    let low = 0
    let high = this.keys.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.keys[middle] as string) < key) low = middle + 1
      else high = middle
    }
    return low
  }
}
