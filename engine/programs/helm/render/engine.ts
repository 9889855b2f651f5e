/** All templates of a chart, parsed together and executed one by one. */
import { type TemplateOptions, TemplateSet } from '#engine/programs/common/gotemplate/template'
import { sprigFunctions } from '#engine/programs/helm/sprig/index'
import { fn, type FunctionTable, type SprigContext } from '#engine/programs/helm/sprig/define'
import { comparisonFunctions } from './comparisons'
import { encodingFunctions } from './encodings'
import { executionFailure, marked, parseFailure } from './errors'
import type { Renderable } from './objects'

export type Lookup = (apiVersion: string, kind: string, namespace: string, name: string) => unknown

export interface EngineOptions {
  readonly context: SprigContext
  readonly lookup: Lookup
  /** What is missing is told, not refused; where a key is missing from values is. */
  readonly lint?: boolean
  readonly strict?: boolean
  readonly warn: (line: string) => void
}

const mostRecursions = 1000

export function renderTemplates(templates: ReadonlyMap<string, Renderable>, options: EngineOptions): Map<string, string> {
  return new Rendering(options).all(templates)
}

/** Deeper paths first, then the last by name: what is defined on top wins. */
function parsingOrder(paths: Iterable<string>): string[] {
  const depth = (path: string): number => path.split('/').length
  return [...paths].sort((a, b) => depth(b) - depth(a) || (a < b ? 1 : -1))
}

const isPartial = (path: string): boolean => (path.split('/').pop() as string).startsWith('_')

class Rendering {
  private readonly set: TemplateSet
  private readonly included = new Map<string, number>()
  private readonly base: FunctionTable

  constructor(private readonly options: EngineOptions) {
    this.base = { ...comparisonFunctions, ...sprigFunctions(options.context), ...encodingFunctions, ...this.own() }
    this.set = this.newSet()
  }

  all(templates: ReadonlyMap<string, Renderable>): Map<string, string> {
    const paths = parsingOrder(templates.keys())
    for (const path of paths) this.parse(path, templates.get(path) as Renderable)
    const out = new Map<string, string>()
    for (const path of paths) if (!isPartial(path)) out.set(path, this.execute(path, templates.get(path) as Renderable))
    return out
  }

  private parse(path: string, { text }: Renderable): void {
    try {
      this.set.add(path, text)
    } catch (error) {
      throw parseFailure(path, error)
    }
  }

  private execute(path: string, { values, basePath }: Renderable): string {
    values['Template'] = { Name: path, BasePath: basePath }
    try {
      return this.set.execute(path, values).replaceAll('<no value>', '')
    } catch (error) {
      throw executionFailure(path, error)
    }
  }

  private newSet(copied?: TemplateSet): TemplateSet {
    const settings: TemplateOptions = { functions: {}, missingKey: this.options.strict ? 'error' : 'zero' }
    const set: TemplateSet = new TemplateSet({ ...settings, functions: { ...this.base, ...this.bound(() => set) } }, copied)
    return set
  }

  /** include and tpl, which see the templates of their own set. */
  private bound(set: () => TemplateSet): FunctionTable {
    return {
      include: fn('string any', (name: string, data: unknown) => this.include(set(), name, data)),
      tpl: fn('string any', (text: string, data: unknown) => this.tpl(set(), text, data)),
    }
  }

  private include(set: TemplateSet, name: string, data: unknown): string {
    const depth = this.included.get(name) ?? 0
    if (depth > mostRecursions) throw nested(name)
    if (!set.has(name)) throw new Error(`template: no template ${JSON.stringify(name)} associated with template "gotpl"`)
    this.included.set(name, depth + 1)
    try {
      return set.execute(name, data)
    } catch (error) {
      if (error instanceof RangeError) throw nested(name)
      throw error
    } finally {
      this.included.set(name, depth)
    }
  }

  private tpl(set: TemplateSet, text: string, data: unknown): string {
    const own = this.newSet(set)
    try {
      own.add('gotpl', text)
    } catch (error) {
      throw new Error(`cannot parse template ${JSON.stringify(text)}: ${(error as Error).message}`)
    }
    try {
      return own.execute('gotpl', data).replaceAll('<no value>', '')
    } catch (error) {
      throw new Error(`error during tpl function execution for ${JSON.stringify(text)}: ${(error as Error).message}`)
    }
  }

  private own(): FunctionTable {
    const { lookup } = this.options
    return {
      required: fn('string any', (message: string, value: unknown) => this.required(message, value)),
      fail: fn('string', (message: string) => this.complain('Fail', message, '')),
      lookup: fn('string string string string', (apiVersion: string, kind: string, namespace: string, name: string) => lookup(apiVersion, kind, namespace, name)),
      getHostByName: fn('string', () => ''),
    }
  }

  private required(message: string, value: unknown): unknown {
    return value === null || value === undefined || value === '' ? this.complain('Missing required value', message, value ?? '') : value
  }

  private complain(what: string, message: string, instead: unknown): unknown {
    if (!this.options.lint) throw new Error(marked(message))
    this.options.warn(`engine.go:${what === 'Fail' ? 227 : 206}: [INFO] ${what}: ${message}`)
    return instead
  }
}

function nested(name: string): Error {
  return new Error(`rendering template has a nested reference name: ${name}: unable to execute template`)
}

