/** The grammar of find's expressions, and its words about mistakes. */
import { actionFor, hasAction } from '#engine/programs/text/find/actions'
import type { FindContext, Node } from '#engine/programs/text/find/nodes'
import { testFor } from '#engine/programs/text/find/tests'

export class FindProblem extends Error {}

export interface ParsedExpression {
  readonly node: Node
  readonly warnings: readonly string[]
}

export function parseExpression(context: FindContext, args: readonly string[], setFollow: (follow: boolean) => void): ParsedExpression {
  return new Parser(context, args, setFollow).run()
}

class Parser {
  private at = 0
  private acts = false

  constructor(
    private readonly context: FindContext,
    private readonly args: readonly string[],
    private readonly setFollow: (follow: boolean) => void,
  ) {}

  run(): ParsedExpression {
    const print: Node = (visit) => this.context.print(`${visit.path}\n`).then(() => true)
    if (this.args.length === 0) return { node: print, warnings: this.context.warnings }
    const node = this.comma()
    if (this.args.includes('-delete') && this.args.includes('-prune') && !this.args.includes('-depth') && !this.args.includes('-d')) throw new FindProblem('The -delete action automatically turns on -depth, but -prune does nothing when -depth is in effect.  If you want to carry on anyway, just explicitly use the -depth option.')
    if (this.at < this.args.length) throw new FindProblem(this.args[this.at] === ')' ? "you have too many ')'" : this.strange(this.args[this.at] as string))
    return { node: this.acts ? node : async (visit) => (await node(visit)) && print(visit), warnings: this.context.warnings }
  }

  /** What a shell made of a pattern are names of files that are there. */
  private strange(text: string): string {
    const before = this.args[this.at - 2] ?? ''
    const unquoted = this.at > 1 && /^-(i?name|i?path|i?wholename)$/.test(before) && this.context.process.files.exists(text) !== undefined
    return `paths must precede expression: \`${text}'${unquoted ? `\nfind: possible unquoted pattern after predicate \`${before}'?` : ''}`
  }

  private peek(): string | undefined {
    return this.args[this.at]
  }

  private comma(): Node {
    let left = this.or()
    while (this.peek() === ',') {
      this.at++
      const [first, second] = [left, this.or()]
      left = async (visit) => {
        await first(visit)
        return second(visit)
      }
    }
    return left
  }

  private or(): Node {
    let left = this.and()
    while (this.peek() === '-o' || this.peek() === '-or') {
      this.at++
      const [first, second] = [left, this.and()]
      left = async (visit) => (await first(visit)) || second(visit)
    }
    return left
  }

  private and(): Node {
    let left = this.not()
    for (;;) {
      const next = this.peek()
      if (next === undefined || next === ')' || next === ',' || next === '-o' || next === '-or') return left
      if (next === '-a' || next === '-and') this.at++
      const [first, second] = [left, this.not()]
      left = async (visit) => (await first(visit)) && second(visit)
    }
  }

  private not(): Node {
    const token = this.peek()
    if (token === '!' || token === '-not') {
      this.at++
      if (this.peek() === undefined) throw new FindProblem(`expected an expression after '${token}'`)
      const inner = this.not()
      return async (visit) => !(await inner(visit))
    }
    return this.primary()
  }

  private primary(): Node {
    const token = this.peek()
    const problem = this.misplaced(token)
    if (token === undefined || problem !== undefined) throw new FindProblem(problem ?? '')
    this.at++
    if (token === '(') return this.group()
    if (token.startsWith('-')) return this.predicate(token)
    this.at--
    throw new FindProblem(this.strange(token))
  }

  private misplaced(token: string | undefined): string | undefined {
    const before = this.args[this.at - 1]
    if (token === undefined) return `expected an expression after '${before ?? ''}'`
    if (token === ')') return before === '(' ? 'invalid expression; empty parentheses are not allowed.' : "invalid expression; you have too many ')'"
    return /^-(o|or|a|and)$/.test(token) || token === ',' ? `invalid expression; you have used a binary operator '${token}' with nothing before it.` : undefined
  }

  private group(): Node {
    if (this.peek() === undefined) throw new FindProblem("invalid expression; expected to find a ')' but didn't see one. Perhaps you need an extra predicate after '('")
    const inner = this.comma()
    if (this.peek() !== ')') throw new FindProblem("invalid expression; I was expecting to find a ')' somewhere but did not see one.")
    this.at++
    return inner
  }

  private argument(name: string): string {
    const value = this.args[this.at++]
    if (value === undefined) throw new FindProblem(`missing argument to \`${name}'`)
    return value
  }

  private predicate(name: string): Node {
    const setting = this.setting(name)
    if (setting) return setting
    if (hasAction(name)) {
      if (name !== '-prune' && name !== '-quit') this.acts = true
      const taken = actionFor(this.context, name, this.args.slice(this.at))
      if (typeof taken === 'string') throw new FindProblem(taken)
      this.at += taken.taken
      return taken.node
    }
    const test = testFor(this.context, name, () => this.argument(name))
    if (typeof test === 'string') throw new FindProblem(test)
    return test
  }

  /** Options that hold for the whole search. `-delete` is one too, besides what it does. */
  private setting(name: string): Node | undefined {
    if (name === '-delete') this.context.settings.depthFirst = true
    const set = Object.hasOwn(this.settings, name) ? this.settings[name] : undefined
    if (!set) return undefined
    set()
    return () => Promise.resolve(true)
  }

  private readonly settings: Readonly<Record<string, () => void>> = {
    '-maxdepth': () => (this.context.settings.maxDepth = this.depth('-maxdepth')),
    '-mindepth': () => (this.context.settings.minDepth = this.depth('-mindepth')),
    '-depth': () => (this.context.settings.depthFirst = true),
    '-d': () => (this.context.settings.depthFirst = true),
    '-xdev': () => (this.context.settings.oneFileSystem = true),
    '-mount': () => (this.context.settings.oneFileSystem = true),
    '-follow': () => this.setFollow(true),
    '-regextype': () => (this.context.settings.syntax = syntaxOf(this.argument('-regextype'))),
    ...Object.fromEntries(['-noleaf', '-warn', '-nowarn', '-ignore_readdir_race', '-daystart'].map((name) => [name, (): void => undefined])),
  }

  private depth(name: string): number {
    const text = this.argument(name)
    if (!/^\d+$/.test(text)) throw new FindProblem(`Expected a positive decimal integer argument to ${name}, but got \u2018${text}\u2019`)
    return Number(text)
  }
}

const syntaxes: Readonly<Record<string, FindContext['settings']['syntax']>> = {
  'findutils-default': 'emacs', ed: 'basic', emacs: 'emacs', 'gnu-awk': 'extended', grep: 'basic', 'posix-awk': 'extended', awk: 'extended', 'posix-basic': 'basic', 'posix-egrep': 'extended', egrep: 'extended', 'posix-extended': 'extended', 'posix-minimal-basic': 'basic', sed: 'basic',
}

function syntaxOf(name: string): FindContext['settings']['syntax'] {
  const syntax = Object.hasOwn(syntaxes, name) ? syntaxes[name] : undefined
  if (!syntax) throw new FindProblem(`Unknown regular expression type \u2018${name}\u2019; valid types are ${Object.keys(syntaxes).map((one) => `\u2018${one}\u2019`).join(', ')}.`)
  return syntax
}
