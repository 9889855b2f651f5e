/** Indenting as vim 9.0's indent/yaml.vim does it: what a line begins with follows from the lines above. */
import { indentColumns, type VimOptions } from '#engine/programs/editors/vim/options'

const opensBlock = /[{[:]$|[:-] [|>][+-]?(?:\s+#.*|\s*)$/
const listItem = /^\s*-(?: |$)/
const mappingKey = /^\s*(?!#)(?=\S)(?:'(?:[^']|'')*'|"(?:[^"\\]|\\.)*"|(?:(?!: ).)*):(?: |$)/

/** The columns for `text` as line `at`, which stands at `current` columns now. */
export function yamlIndent(lines: readonly string[], at: number, text: string, current: number, options: VimOptions): number {
  const above = new Above(lines, options)
  const last = above.nonBlank(at - 1)
  if (last < 0) return 0
  if (text.startsWith('#') && /^\s*#/.test(lines[at - 1] ?? '')) return above.indent(last)
  if (/^[\]}]/.test(text)) return above.indent(above.lessIndented(at, current))
  const previous = above.noComment(last)
  return previous < 0 ? above.indent(last) : below(above, previous, at, text, current)
}

function below(above: Above, previous: number, at: number, text: string, current: number): number {
  const line = above.text(previous)
  const indent = above.indent(previous)
  if (opensBlock.test(line)) return indent + above.shift
  if (listItem.test(text)) return above.indent(above.matching(at, current, listItem), current)
  if (mappingKey.test(text)) {
    const key = above.matching(at, current, mappingKey)
    return above.indent(key, current) + (/^\s*- /.test(above.text(key)) ? 2 : 0)
  }
  if (/^\s*- /.test(line)) return indent + 2
  return mappingKey.test(line) ? indent + above.shift : indent
}

class Above {
  constructor(
    private readonly lines: readonly string[],
    private readonly options: VimOptions,
  ) {}

  get shift(): number {
    return this.options.shiftwidth || this.options.tabstop
  }

  text(line: number): string {
    return this.lines[line] ?? ''
  }

  /** Of a line that there is; else what is given. */
  indent(line: number, otherwise = 0): number {
    return line < 0 ? otherwise : indentColumns(this.options, /^[ \t]*/.exec(this.text(line))?.[0] ?? '')
  }

  nonBlank(from: number): number {
    let line = from
    while (line >= 0 && this.text(line).trim() === '') line--
    return line
  }

  noComment(from: number): number {
    let line = from
    while (line >= 0 && /^\s*#/.test(this.text(line))) line = this.nonBlank(line - 1)
    return line
  }

  /** The nearest line above that begins left of the columns given. */
  lessIndented(at: number, columns: number): number {
    let line = this.nonBlank(at - 1)
    while (line >= 0 && this.indent(line) >= columns && !/^\s*#/.test(this.text(line))) line = this.nonBlank(line - 1)
    return line
  }

  /** The nearest line above of a kind that begins no further right. */
  matching(at: number, columns: number, kind: RegExp): number {
    let line = this.lessIndented(at, columns + 1)
    while (line >= 0 && !kind.test(this.text(line))) line = this.lessIndented(line, this.indent(line))
    return line
  }
}
