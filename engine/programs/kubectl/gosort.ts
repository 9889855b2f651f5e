/**
 * Go's sort.Sort, which is not stable: where equals end depends on how it goes about it. A pattern-defeating quicksort: runs of up to twelve by
 * insertion, a pivot of three or nine, heap sort where it goes badly (https://pkg.go.dev/sort).
 */
const longestInsertion = 12
const nintherFrom = 50
const mostSwaps = 12

type Hint = 'unknown' | 'increasing' | 'decreasing'

/** A sorted copy. */
export function goSorted<T>(items: readonly T[], isLess: (a: T, b: T) => boolean): T[] {
  const copy = [...items]
  if (copy.length > 1) new Sorter(copy, isLess).quick(0, copy.length, bitLength(copy.length))
  return copy
}

function bitLength(value: number): number {
  return value === 0 ? 0 : 32 - Math.clz32(value)
}

class Sorter<T> {
  private swaps = 0

  constructor(
    private readonly items: T[],
    private readonly isLess: (a: T, b: T) => boolean,
  ) {}

  quick(from: number, to: number, depth: number): void {
    let [start, end, limit] = [from, to, depth]
    let [balanced, partitioned] = [true, true]
    for (;;) {
      const length = end - start
      if (length <= longestInsertion) return this.insertion(start, end)
      if (limit === 0) return this.heap(start, end)
      if (!balanced) {
        this.breakPatterns(start, end)
        limit--
      }
      const pivot = this.pivot(start, end)
      if (balanced && partitioned && pivot.hint === 'increasing' && this.almostSorted(start, end)) return
      if (start > 0 && !this.less(start - 1, pivot.at)) {
        start = this.partitionEqual(start, end, pivot.at)
        continue
      }
      const { middle, already } = this.partition(start, end, pivot.at)
      partitioned = already
      const [left, right] = [middle - start, end - middle]
      balanced = Math.min(left, right) >= Math.floor(length / 8)
      if (left < right) {
        this.quick(start, middle, limit)
        start = middle + 1
      } else {
        this.quick(middle + 1, end, limit)
        end = middle
      }
    }
  }

  private less(a: number, b: number): boolean {
    return this.isLess(this.items[a] as T, this.items[b] as T)
  }

  private swap(a: number, b: number): void {
    const kept = this.items[a] as T
    this.items[a] = this.items[b] as T
    this.items[b] = kept
  }

  private insertion(start: number, end: number): void {
    for (let next = start + 1; next < end; next++) for (let at = next; at > start && this.less(at, at - 1); at--) this.swap(at, at - 1)
  }

  private heap(start: number, end: number): void {
    const count = end - start
    for (let root = Math.floor((count - 1) / 2); root >= 0; root--) this.siftDown(root, count, start)
    for (let last = count - 1; last >= 0; last--) {
      this.swap(start, start + last)
      this.siftDown(0, last, start)
    }
  }

  private siftDown(from: number, count: number, start: number): void {
    let root = from
    for (;;) {
      let child = 2 * root + 1
      if (child >= count) return
      if (child + 1 < count && this.less(start + child, start + child + 1)) child++
      if (!this.less(start + root, start + child)) return
      this.swap(start + root, start + child)
      root = child
    }
  }

  /** Three items are moved about, always the same for a length. */
  private breakPatterns(start: number, end: number): void {
    const length = end - start
    if (length < 8) return
    let random = BigInt(length)
    const mask = (1n << BigInt(bitLength(length))) - 1n
    const at = start + Math.floor(length / 4) * 2
    for (let i = 0; i < 3; i++) {
      random = BigInt.asUintN(64, random ^ (random << 13n))
      random ^= random >> 7n
      random = BigInt.asUintN(64, random ^ (random << 17n))
      const other = Number(random & mask)
      this.swap(at - 1 + i, start + (other >= length ? other - length : other))
    }
  }

  /** What goes downwards is turned round first. */
  private pivot(start: number, end: number): { at: number; hint: Hint } {
    const { at, hint } = this.choose(start, end)
    if (hint !== 'decreasing') return { at, hint }
    for (let low = start, high = end - 1; low < high; low++, high--) this.swap(low, high)
    return { at: end - 1 - (at - start), hint: 'increasing' }
  }

  private choose(start: number, end: number): { at: number; hint: Hint } {
    const quarter = Math.floor((end - start) / 4)
    let points = [start + quarter, start + quarter * 2, start + quarter * 3]
    this.swaps = 0
    if (end - start >= nintherFrom) points = points.map((at) => this.median(at - 1, at, at + 1))
    const at = this.median(points[0] as number, points[1] as number, points[2] as number)
    return { at, hint: this.swaps === 0 ? 'increasing' : this.swaps === mostSwaps ? 'decreasing' : 'unknown' }
  }

  private median(first: number, second: number, third: number): number {
    const [a, b] = this.ordered(first, second)
    const [c] = this.ordered(b, third)
    return this.ordered(a, c)[1]
  }

  private ordered(a: number, b: number): [number, number] {
    if (!this.less(b, a)) return [a, b]
    this.swaps++
    return [b, a]
  }

  private partition(start: number, end: number, pivot: number): { middle: number; already: boolean } {
    this.swap(start, pivot)
    let [low, high] = [start + 1, end - 1]
    let already = true
    for (;;) {
      while (low <= high && this.less(low, start)) low++
      while (low <= high && !this.less(high, start)) high--
      if (low > high) break
      already = false
      this.swap(low++, high--)
    }
    this.swap(high, start)
    return { middle: high, already }
  }

  /** Those equal to the pivot first. */
  private partitionEqual(start: number, end: number, pivot: number): number {
    this.swap(start, pivot)
    let [low, high] = [start + 1, end - 1]
    for (;;) {
      while (low <= high && !this.less(start, low)) low++
      while (low <= high && this.less(start, high)) high--
      if (low > high) return low
      this.swap(low++, high--)
    }
  }

  /** Whether a few moves put all in order. */
  private almostSorted(start: number, end: number): boolean {
    let at = start + 1
    for (let step = 0; step < 5; step++) {
      while (at < end && !this.less(at, at - 1)) at++
      if (at === end) return true
      if (end - start < nintherFrom) return false
      this.swap(at, at - 1)
      if (at - start >= 2) for (let back = at - 1; back >= 1 && this.less(back, back - 1); back--) this.swap(back, back - 1)
      if (end - at >= 2) for (let on = at + 1; on < end && this.less(on, on - 1); on++) this.swap(on, on - 1)
    }
    return false
  }
}
