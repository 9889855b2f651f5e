/** What each name is: mawk refuses a variable that is used as an array, and an array as a variable, before anything runs. */
import { AwkSyntaxError } from '#engine/programs/text/awk/lexer'

export type Kind = 'variable' | 'array'

export class Kinds {
  private readonly known = new Map<string, Kind>([['NF', 'variable'], ['NR', 'variable'], ['FNR', 'variable'], ['FS', 'variable'], ['ENVIRON', 'array'], ['ARGV', 'array']])
  private parameters: ReadonlySet<string> = new Set()

  /** The parameters of a function take what they are given. */
  within<T>(parameters: readonly string[], parse: () => T): T {
    this.parameters = new Set(parameters)
    const result = parse()
    this.parameters = new Set()
    return result
  }

  use(name: string, kind: Kind, line: number): void {
    if (this.parameters.has(name)) return
    const known = this.known.get(name)
    if (known !== undefined && known !== kind) throw new AwkSyntaxError(`illegal reference to ${known} ${name}`, line)
    this.known.set(name, kind)
  }
}
