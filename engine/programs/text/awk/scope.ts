/** Where the parser is: mawk refuses statements out of place and calls with too few or too many arguments. */
import { AwkSyntaxError } from '#engine/programs/text/awk/lexer'

/** How many arguments each function takes; -1 where nothing is too much. */
const arity: Readonly<Record<string, readonly [least: number, most: number]>> = {
  substr: [2, 3], index: [2, 2], split: [2, 3], sub: [2, 3], gsub: [2, 3], match: [2, 2], sprintf: [1, -1], sin: [1, 1], cos: [1, 1], atan2: [2, 2], exp: [1, 1], log: [1, 1], sqrt: [1, 1], int: [1, 1],
  rand: [0, 0], srand: [0, 1], tolower: [1, 1], toupper: [1, 1], system: [1, 1], close: [1, 1], fflush: [0, 1], length: [0, 1], systime: [0, 0], mktime: [1, 1], strftime: [0, 3],
}

/** Their argument lists are part of the grammar itself. */
const inGrammar = new Set(['split', 'sub', 'gsub', 'match'])

export class Scope {
  private loops = 0
  private place: 'begin' | 'end' | 'pattern' | 'function' = 'pattern'

  within<T>(place: Scope['place'], parse: () => T): T {
    const before = this.place
    this.place = place
    try {
      return parse()
    } finally {
      this.place = before
    }
  }

  loop<T>(parse: () => T): T {
    this.loops++
    try {
      return parse()
    } finally {
      this.loops--
    }
  }

  checkStatement(name: string, line: number): void {
    if ((name === 'break' || name === 'continue') && this.loops === 0) throw new AwkSyntaxError(`${name} statement outside of loop`, line)
    if ((name === 'next' || name === 'nextfile') && this.place !== 'pattern') throw new AwkSyntaxError(`improper use of ${name}`, line)
    if (name === 'return' && this.place !== 'function') throw new AwkSyntaxError('return outside function body', line)
  }

  checkCall(name: string, count: number, line: number): void {
    const [least, most] = arity[name] ?? [0, -1]
    if (count >= least && (most < 0 || count <= most)) return
    throw new AwkSyntaxError(inGrammar.has(name) ? 'syntax error at or near )' : `wrong number of arguments in call to ${name}`, line)
  }
}
