/** Objects by key, with indexes: what informers fill and controllers read. Objects in it are shared, never to be mutated. */
import { keyOf, type KubeObject } from '#engine/api/object'

/** The values under which an object is found. */
export type IndexFunction<T> = (object: T) => readonly string[]

export interface Lister<T extends KubeObject> {
  get(namespace: string, name: string): T | undefined
  byKey(key: string): T | undefined
  /** All there are, or all of a namespace. */
  list(namespace?: string): T[]
  byIndex(index: string, value: string): T[]
  readonly size: number
}

const none: readonly never[] = []

export class Store<T extends KubeObject> implements Lister<T> {
  private readonly objects = new Map<string, T>()
  private readonly functions = new Map<string, IndexFunction<T>>()
  private readonly indexes = new Map<string, Map<string, Map<string, T>>>()

  constructor(indexers: Readonly<Record<string, IndexFunction<T>>> = {}) {
    this.addIndexers({ namespace: (object) => [object.metadata.namespace ?? ''], ...indexers })
  }

  /** Adds indexes; those of a known name are left as they are. */
  addIndexers(indexers: Readonly<Record<string, IndexFunction<T>>>): void {
    for (const [name, values] of Object.entries(indexers)) {
      if (this.functions.has(name)) continue
      this.functions.set(name, values)
      const index = new Map<string, Map<string, T>>()
      this.indexes.set(name, index)
      for (const [key, object] of this.objects) insert(index, values(object), key, object)
    }
  }

  get size(): number {
    return this.objects.size
  }

  byKey(key: string): T | undefined {
    return this.objects.get(key)
  }

  get(namespace: string, name: string): T | undefined {
    return this.objects.get(namespace === '' ? name : `${namespace}/${name}`)
  }

  list(namespace?: string): T[] {
    return namespace === undefined || namespace === '' ? [...this.objects.values()] : this.byIndex('namespace', namespace)
  }

  keys(): string[] {
    return [...this.objects.keys()]
  }

  byIndex(index: string, value: string): T[] {
    const found = this.indexes.get(index)?.get(value)
    return found ? [...found.values()] : (none as unknown as T[])
  }

  /** How many `byIndex` would return. */
  countIndex(index: string, value: string): number {
    return this.indexes.get(index)?.get(value)?.size ?? 0
  }

  /** Puts an object in; returns the one it replaces. */
  set(object: T): T | undefined {
    const key = keyOf(object)
    const previous = this.objects.get(key)
    this.objects.set(key, object)
    for (const [name, values] of this.functions) {
      const index = this.indexes.get(name) as Map<string, Map<string, T>>
      if (previous) remove(index, values(previous), key)
      insert(index, values(object), key, object)
    }
    return previous
  }

  delete(key: string): T | undefined {
    const previous = this.objects.get(key)
    if (!previous) return undefined
    this.objects.delete(key)
    for (const [name, values] of this.functions) remove(this.indexes.get(name) as Map<string, Map<string, T>>, values(previous), key)
    return previous
  }
}

function insert<T>(index: Map<string, Map<string, T>>, values: readonly string[], key: string, object: T): void {
  for (const value of values) {
    const bucket = index.get(value)
    if (bucket) bucket.set(key, object)
    else index.set(value, new Map([[key, object]]))
  }
}

function remove<T>(index: Map<string, Map<string, T>>, values: readonly string[], key: string): void {
  for (const value of values) {
    const bucket = index.get(value)
    bucket?.delete(key)
    if (bucket?.size === 0) index.delete(value)
  }
}
