/** Templates: parse, associate, execute. */
import { builtins, type TemplateFunction } from './functions'
import { TemplateSyntaxError } from './lex'
import { memberOf, noMember, receiverType } from './members'
import { type At, type Command, type Node, nodeText, type Operand, type Pipe, type Tree } from './nodes'
import { constantProblem, isConstant, isPath, type Parameter, parameterOf, typeProblem } from './parameters'
import { parseText } from './parse'
import { placeOf } from './place'
import { goPrint, GoInt, isTrue, kindOf, noValue, sortedKeys } from './values'

export { TemplateSyntaxError }
export { fixed, variadic, type TemplateFunction } from './functions'

export interface TemplateOptions {
  readonly functions?: Readonly<Record<string, TemplateFunction>>
  /** What a missing key of a map is: `<no value>`, a zero value, or an error. Default: `default`. */
  readonly missingKey?: 'default' | 'zero' | 'error'
  /** Executions deeper than this are refused; default 1000. */
  readonly maxDepth?: number
}

/** A failure while executing: `template: NAME:LINE:COL: executing "NAME" at <NODE>: MESSAGE`. */
export class TemplateExecError extends Error {
  override readonly name = 'TemplateExecError'
  /** What was written before the failure. */
  written = ''
}

interface Definition {
  readonly tree: Tree
  readonly nodes: readonly Node[]
}

/** A set of templates that call one another by name. */
export class TemplateSet {
  private readonly definitions = new Map<string, Definition>()
  readonly functions: Readonly<Record<string, TemplateFunction>>

  /** Beginning with the templates of another set, where one is given. */
  constructor(readonly options: TemplateOptions = {}, copied?: TemplateSet) {
    this.functions = { ...builtins, ...options.functions }
    for (const [name, definition] of copied?.definitions ?? []) this.definitions.set(name, definition)
  }

  /** Adds the text under a name, and what it defines. Throws TemplateSyntaxError. */
  add(name: string, text: string): void {
    const parsed = parseText(name, text, (fn) => Object.hasOwn(this.functions, fn))
    for (const [defined, definition] of parsed.definitions) this.definitions.set(defined, definition)
    const isEmpty = parsed.nodes.every((node) => node.type === 'text' && node.text.trim() === '')
    if (!(isEmpty && this.definitions.has(name))) this.definitions.set(name, { tree: parsed.tree, nodes: parsed.nodes })
  }

  has(name: string): boolean {
    return this.definitions.has(name)
  }

  get(name: string): Definition | undefined {
    return this.definitions.get(name)
  }

  names(): string[] {
    return [...this.definitions.keys()]
  }

  execute(name: string, data: unknown, depth = 0): string {
    const definition = this.definitions.get(name)
    if (!definition) throw new TemplateExecError(`template: no template ${JSON.stringify(name)} associated with template ${JSON.stringify(name)}`)
    return new Execution(this, name, depth).run(definition, data)
  }
}

export interface Template {
  execute(data: unknown): string
}

export function parseTemplate(name: string, text: string, options: TemplateOptions = {}): Template {
  const set = new TemplateSet(options)
  set.add(name, text)
  return { execute: (data) => set.execute(name, data) }
}

class LoopSignal {
  constructor(readonly kind: 'break' | 'continue') {}
}

const outputLimit = 64 * 1024 * 1024
const missing = Symbol('no final value')

class Execution {
  private out: string[] = []
  private size = 0
  private vars: { name: string; value: unknown }[] = []
  private node: (Operand | Command | Node | Pipe) & At

  constructor(
    private readonly set: TemplateSet,
    private readonly name: string,
    private readonly depth: number,
  ) {
    this.node = undefined as unknown as Node
  }

  run(definition: Definition, data: unknown): string {
    this.vars = [{ name: '$', value: data }]
    try {
      this.list(definition.nodes, data)
    } catch (error) {
      if (error instanceof TemplateExecError) error.written = this.out.join('') + error.written
      throw error
    }
    return this.out.join('')
  }

  private fail(message: string): never {
    throw new TemplateExecError(this.place() + message)
  }

  private place(): string {
    return placeOf(this.name, this.node)
  }

  private write(text: string): void {
    this.size += text.length
    if (this.size > outputLimit) this.fail('output too large')
    this.out.push(text)
  }

  private list(nodes: readonly Node[], dot: unknown): void {
    for (const node of nodes) this.walk(node, dot)
  }

  private walk(node: Node, dot: unknown): void {
    this.node = node
    switch (node.type) {
      case 'text': return this.write(node.text)
      case 'action': {
        const value = this.pipe(node.pipe, dot)
        if (node.pipe.declarations.length === 0) this.print(node, value)
        return
      }
      case 'if': case 'with': return this.branch(node, dot)
      case 'range': return this.range(node, dot)
      case 'template': return this.call(node, dot)
      case 'break': case 'continue': throw new LoopSignal(node.type)
    }
  }

  private print(node: Node, value: unknown): void {
    this.node = node
    if (value === noValue || value === undefined || value === null) return this.write('<no value>')
    if (kindOf(value) === 'func') this.fail(`can't print ${nodeText(node)} of type func`)
    this.write(goPrint(value))
  }

  private scoped(run: () => void): void {
    const mark = this.vars.length
    try {
      run()
    } finally {
      this.vars.length = mark
    }
  }

  private branch(node: Node & { type: 'if' | 'with' | 'range' }, dot: unknown): void {
    this.scoped(() => {
      const value = this.pipe(node.pipe, dot)
      if (isTrue(value)) this.list(node.list, node.type === 'with' ? value : dot)
      else if (node.otherwise) this.list(node.otherwise, dot)
    })
  }

  private range(node: Node & { type: 'if' | 'with' | 'range' }, dot: unknown): void {
    this.scoped(() => {
      this.node = node
      const value = this.pipe(node.pipe, dot, false)
      const mark = this.vars.length
      const turn = (key: unknown, item: unknown): boolean => {
        this.bindRange(node.pipe, key, item)
        try {
          this.list(node.list, item)
        } catch (error) {
          if (!(error instanceof LoopSignal)) throw error
          if (error.kind === 'break') return false
        } finally {
          this.vars.length = mark
        }
        return true
      }
      if (!this.iterate(value, node, turn) && node.otherwise) this.list(node.otherwise, dot)
    })
  }

  /** False when there was nothing to iterate over. */
  private iterate(value: unknown, node: Node & { type: 'if' | 'with' | 'range' }, turn: (key: unknown, item: unknown) => boolean): boolean {
    switch (kindOf(value)) {
      case 'slice':
        for (const [index, item] of (value as unknown[]).entries()) if (!turn(new GoInt(index), item)) break
        return (value as unknown[]).length > 0
      case 'map': {
        const keys = sortedKeys(value)
        for (const key of keys) if (!turn(key, (value as Record<string, unknown>)[key])) break
        return keys.length > 0
      }
      case 'int': {
        if (node.pipe.declarations.length > 1) this.fail(`can't use ${goPrint(value)} to iterate over more than one variable`)
        for (let i = 0; i < Number(value); i++) if (!turn(new GoInt(i), new GoInt(i))) break
        return Number(value) > 0
      }
      case 'invalid': return false
      default:
        return this.fail(`range can't iterate over ${goPrint(value)}`)
    }
  }

  private bindRange(pipe: Pipe, key: unknown, item: unknown): void {
    const [first, second] = pipe.declarations
    const bind = (name: string, value: unknown): void => {
      if (pipe.assign) this.assign(name, value)
      else this.vars.push({ name, value })
    }
    if (first && !second) bind(first.name, item)
    else if (first && second) {
      bind(first.name, key)
      bind(second.name, item)
    }
  }

  private call(node: Node & { type: 'template' }, dot: unknown): void {
    const definition = this.set.get(node.name)
    if (!definition) {
      this.node = node
      this.fail(`template ${JSON.stringify(node.name)} not defined`)
    }
    if (this.depth >= (this.set.options.maxDepth ?? 1000)) this.fail(`exceeded maximum template depth (${this.set.options.maxDepth ?? 100000})`)
    const data = node.pipe ? this.pipe(node.pipe, dot) : undefined
    this.write(new Execution(this.set, node.name, this.depth + 1).run(definition as Definition, data))
  }

  private pipe(pipe: Pipe | undefined, dot: unknown, declare = true): unknown {
    if (!pipe) return undefined
    this.node = pipe
    let value: unknown = missing
    for (const command of pipe.commands) value = this.command(command, dot, value)
    for (const { name } of declare ? pipe.declarations : []) {
      if (pipe.assign) this.assign(name, value)
      else this.vars.push({ name, value })
    }
    return value
  }

  private assign(name: string, value: unknown): void {
    for (let i = this.vars.length - 1; i >= 0; i--) {
      const entry = this.vars[i]
      if (entry?.name === name) {
        entry.value = value
        return
      }
    }
    this.fail(`undefined variable: ${name}`)
  }

  private variable(name: string): unknown {
    for (let i = this.vars.length - 1; i >= 0; i--) if (this.vars[i]?.name === name) return (this.vars[i] as { value: unknown }).value
    return this.fail(`undefined variable: ${name}`)
  }

  private command(command: Command, dot: unknown, final: unknown): unknown {
    const first = command.args[0] as Operand
    switch (first.type) {
      case 'field': return this.fields(dot, first, first.names, command.args, dot, final)
      case 'chain': return this.chain(first, command, dot, final)
      case 'identifier': return this.functionCall(first.name, first, command.args, dot, final, command)
      case 'variable': return this.variableCommand(first, command, dot, final)
      case 'pipe':
        this.noArguments(command.args, final)
        return this.pipe(first, dot)
    }
    this.node = first
    this.noArguments(command.args, final)
    if (first.type === 'dot') return dot
    return 'value' in first ? first.value : this.fail('nil is not a command')
  }

  private chain(first: Operand & { type: 'chain' }, command: Command, dot: unknown, final: unknown): unknown {
    this.node = first
    if (first.node.type === 'nil') this.fail(`indirection through explicit nil in ${nodeText(first)}`)
    return this.fieldChain(dot, first, first.names, command.args, this.arg(first.node, dot), final)
  }

  private variableCommand(first: Operand & { type: 'variable' }, command: Command, dot: unknown, final: unknown): unknown {
    this.node = first
    const value = this.variable(first.names[0] as string)
    if (first.names.length > 1) return this.fields(dot, first, first.names.slice(1), command.args, value, final)
    this.noArguments(command.args, final)
    return value
  }

  private noArguments(args: readonly Operand[], final: unknown): void {
    if (args.length > 1 || final !== missing) this.fail(`can't give argument to non-function ${nodeText(args[0] as Operand)}`)
  }

  private fields(dot: unknown, node: Operand, names: readonly string[], args: readonly Operand[], receiver: unknown, final: unknown): unknown {
    this.node = node
    return this.fieldChain(dot, node, names, args, receiver, final)
  }

  private fieldChain(dot: unknown, node: Operand, names: readonly string[], args: readonly Operand[], receiver: unknown, final: unknown): unknown {
    let value = receiver
    names.forEach((name, index) => {
      const last = index === names.length - 1
      value = this.field(dot, name, node, last ? args : [], last ? final : missing, value, index > 0)
    })
    return value
  }

  private field(dot: unknown, name: string, node: Operand, args: readonly Operand[], final: unknown, receiver: unknown, isOfField: boolean): unknown {
    if (receiver === undefined || receiver === noValue) return this.missingField(`nil data; no entry for key ${JSON.stringify(name)}`, noValue)
    if (receiver === null) return this.fail(`nil pointer evaluating interface {}.${name}`)
    const value = memberOf(receiver, name)
    if (value === noMember) return this.fail(`can't evaluate field ${name} in type ${isOfField ? 'interface {}' : receiverType(receiver)}`)
    if (typeof value === 'function') return this.invoke(name, { call: value as (...values: unknown[]) => unknown, least: 0 }, node, args, dot, final)
    if (args.length > 1 || final !== missing) this.fail(`${name} is not a method but has arguments`)
    return value === undefined ? this.missingField(`map has no entry for key ${JSON.stringify(name)}`, this.set.options.missingKey === 'zero' ? null : noValue) : value
  }

  private missingField(message: string, value: unknown): unknown {
    return this.set.options.missingKey === 'error' ? this.fail(message) : value
  }

  private functionCall(name: string, node: Operand, args: readonly Operand[], dot: unknown, final: unknown, command: Command): unknown {
    this.node = node
    const fn = this.set.functions[name]
    if (!fn) return this.fail(`${JSON.stringify(name)} is not a defined function`)
    if ((name === 'and' || name === 'or') && !this.set.options.functions?.[name]) return this.shortCircuit(name, node, args, dot, final)
    return this.invoke(name, fn, node, args, dot, final, command)
  }

  private shortCircuit(name: string, node: Operand, args: readonly Operand[], dot: unknown, final: unknown): unknown {
    if (args.length === 1 && final === missing) this.fail(`wrong number of args for ${name}: want at least 1 got 0`)
    let value: unknown
    for (const arg of args.slice(1)) {
      value = this.arg(arg, dot)
      if (isTrue(value) === (name === 'or')) return value
    }
    this.node = node
    return final === missing ? value : final
  }

  private invoke(name: string, fn: TemplateFunction, node: Operand, args: readonly Operand[], dot: unknown, final: unknown, command?: Command): unknown {
    const given = args.slice(1)
    const total = given.length + (final === missing ? 0 : 1)
    if (fn.most !== undefined && total !== fn.most && fn.least === fn.most) this.fail(`wrong number of args for ${name}: want ${fn.most} got ${total}`)
    if (total < fn.least) this.fail(`wrong number of args for ${name}: want at least ${fn.least} got ${given.length}`)
    const values = given.map((arg, index) => this.argument(parameterOf(fn, index), arg, dot))
    if (final !== missing) values.push(this.valid(parameterOf(fn, given.length), final))
    try {
      return fn.call(...values.map((value) => (value === noValue ? undefined : value)))
    } catch (error) {
      if (error instanceof LoopSignal || error instanceof RangeError || (error as Error).name === 'ProcessKilled') throw error
      this.node = command ?? node
      return this.fail(`error calling ${name}: ${(error as Error).message}`)
    }
  }

  /** An argument as the parameter's type wants it: constants are of any type that holds them. */
  private argument(type: Parameter, node: Operand, dot: unknown): unknown {
    this.node = node
    const refused = constantProblem(type, node)
    if (refused !== undefined) this.fail(refused)
    const value = this.arg(node, dot)
    return type === 'any' || isConstant(node) ? value : this.valid(type, value, isPath(node))
  }

  private valid(type: Parameter, value: unknown, isInterface = false): unknown {
    const refused = typeProblem(type, value, isInterface)
    return refused === undefined ? value : this.fail(refused)
  }

  private arg(node: Operand, dot: unknown): unknown {
    this.node = node
    switch (node.type) {
      case 'dot': return dot
      case 'nil': return null
      case 'bool': case 'number': case 'string': return node.value
      case 'field': return this.fields(dot, node, node.names, [node], dot, missing)
      case 'variable': {
        const value = this.variable(node.names[0] as string)
        return node.names.length === 1 ? value : this.fields(dot, node, node.names.slice(1), [node], value, missing)
      }
      case 'chain': return this.fieldChain(dot, node, node.names, [node], this.arg(node.node, dot), missing)
      case 'identifier': return this.functionCall(node.name, node, [node], dot, missing, { type: 'command', args: [node], pos: node.pos, tree: node.tree })
      case 'pipe': return this.pipe(node, dot)
    }
  }
}
