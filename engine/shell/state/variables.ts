/** Shell variables with their attributes and scopes. bash scopes dynamically: a function sees its caller's locals. */
export interface Attributes {
  exported: boolean
  readonly: boolean
  integer: boolean
  upper: boolean
  lower: boolean
  capital: boolean
  nameref: boolean
  trace: boolean
}

export type VariableValue = string | undefined | IndexedArray | AssociativeArray

export class Variable implements Attributes {
  exported = false
  readonly = false
  integer = false
  upper = false
  lower = false
  capital = false
  nameref = false
  trace = false
  /** `declare -A x` without a value: shown without one. */
  declaredOnly = false
  value: VariableValue

  constructor(value?: VariableValue) {
    this.value = value
  }

  copy(): Variable {
    const copy = new Variable(this.value instanceof IndexedArray || this.value instanceof AssociativeArray ? this.value.copy() : this.value)
    return Object.assign(copy, { exported: this.exported, readonly: this.readonly, integer: this.integer, upper: this.upper, lower: this.lower, capital: this.capital, nameref: this.nameref, trace: this.trace })
  }

  get isSet(): boolean {
    return this.value !== undefined
  }

  /** The value as `$name` sees it. */
  scalar(): string | undefined {
    const { value } = this
    if (value instanceof IndexedArray) return value.get(0)
    if (value instanceof AssociativeArray) return value.get('0')
    return value
  }
}

export class IndexedArray {
  private map: Map<number, string>
  private ordered = true
  private highest = -1

  constructor(values: Iterable<string> = []) {
    this.map = new Map()
    for (const value of values) this.set(this.highest + 1, value)
  }

  copy(): IndexedArray {
    const copy = new IndexedArray()
    copy.map = new Map(this.map)
    copy.ordered = this.ordered
    copy.highest = this.highest
    return copy
  }

  get(index: number): string | undefined {
    return this.map.get(index)
  }

  set(index: number, value: string): void {
    if (index > this.highest) this.highest = index
    else if (!this.map.has(index)) this.ordered = false
    this.map.set(index, value)
  }

  delete(index: number): void {
    this.map.delete(index)
    if (index === this.highest) this.highest = this.map.size === 0 ? -1 : Math.max(...this.keys())
  }

  clear(): void {
    this.map.clear()
    this.highest = -1
    this.ordered = true
  }

  /** One past the highest index. */
  get end(): number {
    return this.highest + 1
  }

  get size(): number {
    return this.map.size
  }

  keys(): number[] {
    this.order()
    return [...this.map.keys()]
  }

  values(): string[] {
    this.order()
    return [...this.map.values()]
  }

  private order(): void {
    if (this.ordered) return
    this.map = new Map([...this.map].sort((a, b) => a[0] - b[0]))
    this.ordered = true
  }
}

/** Keys come in the order of bash's hash table (FNV-1 into 1,024 buckets, newest first within one). */
export class AssociativeArray {
  private readonly map = new Map<string, string>()
  private sorted: string[] | undefined

  copy(): AssociativeArray {
    const copy = new AssociativeArray()
    for (const [key, value] of this.map) copy.map.set(key, value)
    return copy
  }

  get(key: string): string | undefined {
    return this.map.get(key)
  }

  set(key: string, value: string): void {
    if (!this.map.has(key)) this.sorted = undefined
    this.map.set(key, value)
  }

  delete(key: string): void {
    if (this.map.delete(key)) this.sorted = undefined
  }

  clear(): void {
    this.map.clear()
    this.sorted = undefined
  }

  get size(): number {
    return this.map.size
  }

  keys(): string[] {
    if (this.sorted) return this.sorted
    const entries = [...this.map.keys()].map((key, order) => ({ key, order, bucket: hashOf(key) & 1023 }))
    entries.sort((a, b) => a.bucket - b.bucket || b.order - a.order)
    return (this.sorted = entries.map((entry) => entry.key))
  }

  values(): string[] {
    return this.keys().map((key) => this.map.get(key) as string)
  }
}

const encoder = new TextEncoder()

function hashOf(text: string): number {
  let hash = 2166136261
  for (const byte of encoder.encode(text)) hash = Math.imul(hash, 16777619) ^ (byte > 127 ? byte - 256 : byte)
  return hash >>> 0
}

/** A stack of scopes; the bottom one is global. */
export class Variables {
  private scopes: Map<string, Variable>[] = [new Map()]
  /** Scopes of `NAME=value command`: `local` and `declare` go past them. */
  private temporary = new WeakSet<Map<string, Variable>>()

  copy(): Variables {
    const copy = new Variables()
    copy.scopes = this.scopes.map((scope) => new Map([...scope].map(([name, variable]) => [name, variable.copy()] as const)))
    this.scopes.forEach((scope, index) => {
      if (this.temporary.has(scope)) copy.temporary.add(copy.scopes[index] as Map<string, Variable>)
    })
    return copy
  }

  push(temporary = false): void {
    const scope = new Map<string, Variable>()
    if (temporary) this.temporary.add(scope)
    this.scopes.push(scope)
  }

  /** The innermost scope of a function, or the global one. */
  private local(): Map<string, Variable> {
    let i = this.scopes.length - 1
    while (i > 0 && this.temporary.has(this.scopes[i] as Map<string, Variable>)) i--
    return this.scopes[i] as Map<string, Variable>
  }

  pop(): void {
    this.scopes.pop()
  }

  get depth(): number {
    return this.scopes.length
  }

  find(name: string): Variable | undefined {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const found = this.scopes[i]?.get(name)
      if (found) return found
    }
    return undefined
  }

  findLocal(name: string): Variable | undefined {
    return this.local().get(name)
  }

  findGlobal(name: string): Variable | undefined {
    return this.scopes[0]?.get(name)
  }

  /** The variable, made global where there is none. */
  obtain(name: string): Variable {
    return this.find(name) ?? this.declare(name, true)
  }

  declare(name: string, global: boolean): Variable {
    const scope = global ? (this.scopes[0] as Map<string, Variable>) : this.local()
    let variable = scope.get(name)
    if (!variable) scope.set(name, (variable = new Variable()))
    return variable
  }

  /** Into the innermost scope, also a temporary one. */
  put(name: string, variable: Variable): void {
    this.scopes[this.scopes.length - 1]?.set(name, variable)
  }

  /** Out of the innermost scope only. */
  dropLocal(name: string): void {
    this.local().delete(name)
  }

  /** Removes the innermost variable of the name. A local one stays as an unset local, as in bash. */
  unset(name: string): void {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const scope = this.scopes[i] as Map<string, Variable>
      if (!scope.has(name)) continue
      if (i > 0 && i === this.scopes.length - 1) scope.set(name, new Variable())
      else scope.delete(name)
      return
    }
  }

  /** Visible names, sorted. */
  names(): string[] {
    const all = new Set<string>()
    for (const scope of this.scopes) for (const name of scope.keys()) all.add(name)
    return [...all].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  }

  localNames(): string[] {
    return [...this.local().keys()].sort((a, b) => (a < b ? -1 : 1))
  }

  exported(): Map<string, string> {
    const out = new Map<string, string>()
    for (const scope of this.scopes) {
      for (const [name, variable] of scope) {
        const value = variable.exported ? variable.scalar() : undefined
        if (value !== undefined && typeof variable.value !== 'object') out.set(name, value)
        else out.delete(name)
      }
    }
    return out
  }
}
