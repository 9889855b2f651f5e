/** Prints a tree as `declare -f` and `jobs` do. */
import type { AndOr, ArithmeticFor, Assignment, Case, Command, CompoundCommand, CompoundList, Coproc, For, Function as FunctionNode, If, Pipeline, PipelineNode, Redirected, Redirection, Select, Statement, TestExpression, While } from 'unbash'
import { arithmeticEnd, splitArithmeticFor } from '#engine/shell/syntax/scanner'

type Node = PipelineNode | AndOr | CompoundList

export function printFunction(name: string, body: FunctionNode['body'], text: string): string {
  const printer = new Printer(text)
  const { command, redirects } = body.type === 'Redirected' ? body : { command: body, redirects: [] as readonly Redirection[] }
  if (command.type !== 'BraceGroup') return `${name} () \n{ \n    ${printer.node(body, 1)}${printer.hereDocuments()}\n}`
  const inner = printer.lines(command.body.commands, 1)
  const tail = redirects.map((one) => ` ${printer.redirection(one)}`).join('')
  return `${name} () \n{ \n${inner}\n}${tail}${printer.hereDocuments()}`
}

/** One line, for jobs and BASH_COMMAND. */
export function printNode(node: Node, text: string): string {
  if (node.type === 'Command' && !node.suffix.some((entry) => entry.type === 'HereDoc')) return new Printer(text).command(node)
  const printer = new Printer(text)
  return printer.node(node, 0) + printer.hereDocuments()
}

class Printer {
  private documents: string[] = []

  constructor(private readonly text: string) {}

  hereDocuments(): string {
    const out = this.documents.map((document) => `\n${document}`).join('')
    this.documents = []
    return out
  }

  lines(statements: readonly Statement[], depth: number): string {
    const pad = '    '.repeat(depth)
    let out = pad
    statements.forEach((statement, index) => {
      out += this.node(statement.command, depth)
      const documents = this.hereDocuments()
      const last = index === statements.length - 1
      if (statement.background) out += ' &'
      else if (!last && documents === '') out += ';'
      out += documents
      if (!last) out += statement.background && documents === '' ? ' ' : `\n${pad}`
    })
    return out
  }

  /** Statements on one line, as in `( a; b )`. */
  inline(statements: readonly Statement[], depth: number): string {
    return statements.map((statement, index) => `${this.node(statement.command, depth)}${statement.background ? ' &' : index === statements.length - 1 ? '' : ';'}`).join(' ')
  }

  node(node: Node, depth: number): string {
    switch (node.type) {
      case 'Command': return this.command(node)
      case 'Pipeline': return this.pipeline(node, depth)
      case 'AndOr': return node.commands.map((command, index) => (index === 0 ? '' : ` ${node.operators[index - 1] as string} `) + this.node(command, depth)).join('')
      case 'Redirected': return this.redirected(node, depth)
      case 'Function': return printFunction(node.name.text, node.body, this.text).replace(/\n/g, `\n${'    '.repeat(depth)}`).replace(/^/, 'function ')
      case 'Coproc': return this.coproc(node, depth)
      case 'CompoundList': return this.inline(node.commands, depth)
      default: return this.compound(node, depth)
    }
  }

  private coproc(node: Coproc, depth: number): string {
    return `coproc ${node.name ? `${node.name.text} ` : ''}${this.node(node.body, depth)}`
  }

  private redirected(node: Redirected, depth: number): string {
    return this.node(node.command, depth) + node.redirects.map((one) => ` ${this.redirection(one)}`).join('')
  }

  private pipeline(node: Pipeline, depth: number): string {
    const prefix = node.prefixes.map((one) => (one.type === 'Negation' ? '! ' : one.posix ? 'time -p ' : 'time ')).join('')
    return prefix + node.commands.map((command, index) => (index === 0 ? '' : node.operators[index - 1] === '|&' ? ' 2>&1 | ' : ' | ') + this.node(command, depth)).join('')
  }

  command(node: Command): string {
    const words: string[] = []
    for (const entry of node.prefix) if (entry.type === 'Assignment') words.push(this.assignment(entry))
    if (node.name) words.push(node.name.text)
    for (const entry of node.suffix) if (entry.type === 'Word' || entry.type === 'Assignment') words.push(entry.text)
    for (const entry of [...node.prefix, ...node.suffix]) if (entry.type !== 'Word' && entry.type !== 'Assignment') words.push(this.redirection(entry))
    return words.join(' ')
  }

  private assignment(node: Assignment): string {
    return node.text
  }

  redirection(node: Redirection): string {
    const fd = node.descriptor === undefined ? '' : node.descriptor.type === 'FileDescriptor' ? String(node.descriptor.value) : `{${node.descriptor.name}}`
    if (node.type === 'HereDoc') {
      this.documents.push(`${node.body.text}${node.delimiter?.value ?? ''}\n`)
      return `${fd}${node.operator}${node.delimiter?.text ?? ''}`
    }
    const target = node.target?.text ?? ''
    if (node.type === 'HereString') return `${fd}<<< ${target}`
    if (node.operator === '>&' || node.operator === '<&') return `${fd === '' ? (node.operator === '>&' && /^(\d+|-)$/.test(target) ? '1' : node.operator === '<&' ? '0' : '') : fd}${node.operator}${target}`
    return `${fd}${node.operator} ${target}`
  }

  private compound(node: CompoundCommand, depth: number): string {
    switch (node.type) {
      case 'If': return this.ifCommand(node, depth)
      case 'Case': return this.caseCommand(node, depth)
      case 'Subshell': return `( ${this.inline(node.body.commands, depth)} )`
      case 'BraceGroup': return depth === 0 ? `{ ${this.inline(node.body.commands, 0)}; }` : `{ \n${this.lines(node.body.commands, depth + 1)}\n${'    '.repeat(depth)}}`
      case 'TestCommand': return `[[ ${this.test(node.expression)} ]]`
      case 'ArithmeticCommand': return `((${node.body}))`
      default: return this.loop(node, depth)
    }
  }

  private loop(node: For | Select | ArithmeticFor | While, depth: number): string {
    const pad = '    '.repeat(depth)
    const body = `do\n${this.lines(node.body.commands, depth + 1)};\n${pad}done`
    if (node.type === 'While') return `${node.kind} ${this.inline(node.clause.commands, depth)}; ${body}`
    if (node.type === 'ArithmeticFor') return `for ((${this.forHead(node.pos)}))\n${pad}${body}`
    const words = node.wordlist ? node.wordlist.map((word) => word.text).join(' ') : '"$@"'
    return `${node.type === 'For' ? 'for' : 'select'} ${node.name.text} in ${words};\n${pad}${body}`
  }

  private forHead(pos: number): string {
    const open = this.text.indexOf('((', pos) + 2
    return splitArithmeticFor(this.text.slice(open, arithmeticEnd(this.text, open))).map((part) => part.trimStart() || '1').join('; ')
  }

  private ifCommand(node: If, depth: number): string {
    const pad = '    '.repeat(depth)
    const inner = this.lines(node.then.commands, depth + 1)
    let out = `if ${this.inline(node.clause.commands, depth)}; then\n${inner};\n`
    let level = depth
    for (const branch of node.elif) {
      const outer = '    '.repeat(level)
      level++
      const deeper = '    '.repeat(level)
      out += `${outer}else\n${deeper}if ${this.inline(branch.clause.commands, level)}; then\n${this.lines(branch.then.commands, level + 1)};\n`
    }
    if (node.else) out += `${'    '.repeat(level)}else\n${this.lines(node.else.commands, level + 1)};\n`
    for (; level > depth; level--) out += `${'    '.repeat(level)}fi;\n`
    return `${out}${pad}fi`
  }

  private caseCommand(node: Case, depth: number): string {
    const pad = '    '.repeat(depth)
    const items = node.items.map((item) => `${pad}    ${item.pattern.map((word) => word.text).join(' | ')})\n${item.body.commands.length > 0 ? `${this.lines(item.body.commands, depth + 2)}\n` : ''}${pad}    ${item.terminator ?? ';;'}\n`)
    return `case ${node.word.text} in \n${items.join('')}${pad}esac`
  }

  private test(expression: TestExpression): string {
    switch (expression.type) {
      case 'TestUnary': return `${expression.operator} ${expression.operand.text}`
      case 'TestBinary': return `${expression.left.text} ${expression.operator} ${expression.right.text}`
      case 'TestLogical': return expression.operands.map((one) => this.test(one)).join(` ${expression.operator} `)
      case 'TestNot': return `${'! '.repeat(expression.negations.length)}${this.test(expression.operand)}`
      case 'TestGroup': return `( ${this.test(expression.expression)} )`
    }
  }
}
