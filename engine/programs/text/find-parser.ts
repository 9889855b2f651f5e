/** The grammar of find's expressions, and its words about mistakes. */
import { actionFor, hasAction } from '#engine/programs/text/find-actions'
import type { FindContext, Node } from '#engine/programs/text/find-nodes'
import { testFor } from '#engine/programs/text/find-tests'

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
  private readonly warnings: string[] = []

  constructor(
    private readonly context: FindContext,
    private readonly args: readonly string[],
    private readonly setFollow: (follow: boolean) => void,
  ) {}

  run(): ParsedExpression {
    const print: Node = (visit) => this.context.print(`${visit.path}\n`).then(() => true)
    if (this.args.length === 0) return { node: print, warnings: [] }
    const node = this.comma()
    if (this.at < this.args.length) throw new FindProblem(this.args[this.at] === ')' ? "you have too many ')'" : this.strange(this.args[this.at] as string))
    return { node: this.acts ? node : async (visit) => (await node(visit)) && print(visit), warnings: this.warnings }
  }

  private strange(text: string): string {
    return `paths must precede expression: \`${text}'${this.at > 1 && /^-(i?name|i?path|i?wholename)$/.test(this.args[this.at - 2] ?? '') ? `\nfind: possible unquoted pattern after predicate \`${this.args[this.at - 2] as string}'?` : ''}`
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
    if (token === undefined) throw new FindProblem(`expected an expression after '${this.args[this.at - 1] ?? ''}'`)
    if (token === ')') throw new FindProblem(this.at === 0 || this.args[this.at - 1] !== '(' ? "invalid expression; you have too many ')'" : 'invalid expression; empty parentheses are not allowed.')
    if (/^-(o|or|a|and)$/.test(token) || token === ',') throw new FindProblem(`invalid expression; you have used a binary operator '${token}' with nothing before it.`)
    this.at++
    if (token === '(') return this.group()
    if (!token.startsWith('-')) {
      this.at--
      throw new FindProblem(this.strange(token))
    }
    return this.predicate(token)
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

  /** Options that hold for the whole search. */
  private setting(name: string): Node | undefined {
    const { settings } = this.context
    const always: Node = () => Promise.resolve(true)
    switch (name) {
      case '-maxdepth': case '-mindepth': {
        const text = this.argument(name)
        if (!/^\d+$/.test(text)) throw new FindProblem(`Expected a positive decimal integer argument to ${name}, but got \u2018${text}\u2019`)
        settings[name === '-maxdepth' ? 'maxDepth' : 'minDepth'] = Number(text)
        return always
      }
      case '-depth': case '-d': settings.depthFirst = true; return always
      case '-xdev': case '-mount': settings.oneFileSystem = true; return always
      case '-follow': this.setFollow(true); return always
      case '-noleaf': case '-warn': case '-nowarn': case '-ignore_readdir_race': case '-daystart': return always
      case '-regextype': return this.regexType(this.argument(name))
      case '-delete': settings.depthFirst = true; return undefined
      default: return undefined
    }
  }

  private regexType(name: string): Node {
    const known = ['findutils-default', 'ed', 'emacs', 'gnu-awk', 'grep', 'posix-awk', 'awk', 'posix-basic', 'posix-egrep', 'egrep', 'posix-extended', 'posix-minimal-basic', 'sed']
    if (!known.includes(name)) throw new FindProblem(`Unknown regular expression type \u2018${name}\u2019; valid types are ${known.map((one) => `\u2018${one}\u2019`).join(', ')}.`)
    return () => Promise.resolve(true)
  }
}
