/**
 * An array as mawk 1.3.4 has it: a hash table whose order is what `for (k in a)` shows. Keys lie in buckets by FNV-1a of their
 * text; in a bucket, what was found last comes first. Keys that were only used as whole numbers are hashed when a loop asks.
 */
import { unset, type Value } from '#engine/programs/text/awk/values'

/** A whole number is kept apart from its text, as it takes another way into the table. */
export type Key = string | number

interface Entry {
  value: Value
  /** When it was last found by its text; 0 where that never happened. */
  text: number
  number: number
}

const firstBuckets = 64
const entriesPerBucket = 12

export class AwkArray {
  private readonly entries = new Map<string, Entry>()
  private ticks = 0
  private buckets = firstBuckets

  get size(): number {
    return this.entries.size
  }

  /** Creates what is not there. */
  get(key: Key): Value {
    return this.entry(key).value
  }

  set(key: Key, value: Value): void {
    this.entry(key).value = value
  }

  has(key: Key): boolean {
    const entry = this.entries.get(String(key))
    if (entry) this.touch(entry, key)
    return entry !== undefined
  }

  delete(key: Key): void {
    this.entries.delete(String(key))
  }

  clear(): void {
    this.entries.clear()
    this.buckets = firstBuckets
  }

  /** In the order of a loop. */
  keys(): string[] {
    const byNumber = [...this.entries].filter(([, entry]) => entry.text === 0)
    for (const [, entry] of this.inOrder(byNumber, (key) => Number(key) >>> 0, (one) => one.number)) entry.text = ++this.ticks
    return this.inOrder([...this.entries], fnv1a, (one) => one.text).map(([key]) => key)
  }

  private entry(key: Key): Entry {
    const text = String(key)
    let entry = this.entries.get(text)
    if (!entry) {
      this.entries.set(text, (entry = { value: unset, text: 0, number: 0 }))
      if (this.entries.size > this.buckets * entriesPerBucket) this.buckets *= 2
    }
    this.touch(entry, key)
    return entry
  }

  private touch(entry: Entry, key: Key): void {
    if (typeof key === 'string') entry.text = ++this.ticks
    else entry.number = ++this.ticks
  }

  private inOrder(entries: readonly [string, Entry][], hash: (key: string) => number, touched: (entry: Entry) => number): [string, Entry][] {
    const mask = this.buckets - 1
    const placed = entries.map((pair) => ({ pair, bucket: hash(pair[0]) & mask }))
    return placed.sort((a, b) => a.bucket - b.bucket || touched(b.pair[1]) - touched(a.pair[1])).map(({ pair }) => pair)
  }
}

function fnv1a(text: string): number {
  let hash = 2166136261
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619)
  return hash >>> 0
}
