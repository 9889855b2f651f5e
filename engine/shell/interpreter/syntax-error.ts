/** The words of a syntax error. */
import type { Shell, TextKind } from '#engine/shell/state/shell'
import type { SyntaxFault } from '#engine/shell/syntax/source'

export function syntaxErrorLines(shell: Shell, fault: SyntaxFault, kind: TextKind | 'script'): string[] {
  return shell.posixShell ? [dashLine(shell, fault)] : bashLines(shell, fault, kind)
}

function bashLines(shell: Shell, fault: SyntaxFault, kind: TextKind | 'script'): string[] {
  const { verdict, source } = fault
  const prefix = (line: number): string => `${shell.errorName()}: ${middle(shell, kind)}${shell.interactiveShell && kind === 'script' ? '' : `line ${line}: `}`
  if (verdict.kind === 'message') return verdict.lines.filter((text) => text !== '').map((text) => prefix(source.lineAt(verdict.at)) + text)
  if (verdict.kind === 'incomplete') {
    if (verdict.looking === undefined) return [`${prefix(fault.endLine)}syntax error: unexpected end of file`]
    const line = verdict.looking === ')' && source.text.slice(verdict.at, verdict.at + 2) !== '((' && /\(/.test(source.text.charAt(verdict.at)) && source.text[verdict.at - 1] !== '=' ? fault.endLine : source.lineAt(verdict.at)
    return [`${prefix(line)}unexpected EOF while looking for matching \`${verdict.looking}'`]
  }
  const line = source.lineAt(verdict.at)
  const first = `${prefix(line)}syntax error near unexpected token \`${verdict.token}'`
  return shell.interactiveShell && kind === 'script' ? [first] : [first, `${prefix(line)}\`${source.lineText(line)}'`]
}

function middle(shell: Shell, kind: TextKind | 'script'): string {
  if (kind === 'script') return shell.origin === 'command' ? '-c: ' : ''
  if (kind === 'eval') return 'eval: '
  if (kind === 'backquote') return 'command substitution: '
  if (kind === 'substitution') return shell.origin === 'command' ? '-c: ' : ''
  if (kind === 'trap') return 'trap handler: '
  return ''
}

/** dash: `sh: 1: Syntax error: "fi" unexpected`. */
function dashLine(shell: Shell, fault: SyntaxFault): string {
  const { verdict, source } = fault
  const at = (line: number): string => `${shell.errorName()}: ${line}: Syntax error: `
  if (verdict.kind === 'incomplete') {
    if (verdict.looking === '"' || verdict.looking === "'") return `${at(fault.endLine - 1)}Unterminated quoted string`
    if (verdict.looking === '`') return `${at(fault.endLine - 1)}EOF in backquote substitution`
    if (verdict.looking === '}') return `${at(fault.endLine - 1)}Missing '}'`
    return `${at(fault.endLine - 1)}${verdict.looking === undefined ? `end of file unexpected${expecting(source.text)}` : `end of file unexpected (expecting "${verdict.looking}")`}`
  }
  if (verdict.kind === 'message') return `${at(source.lineAt(verdict.at))}${verdict.lines[0] ?? ''}`
  const shown = /^[\w]+$/.test(verdict.token) && !/^(fi|done|esac|then|do|else|elif|newline)$/.test(verdict.token) ? 'word' : `"${verdict.token}"`
  return `${at(source.lineAt(verdict.at))}${verdict.token === 'newline' ? 'newline' : shown} unexpected`
}

function expecting(text: string): string {
  const last = [...text.matchAll(/\b(if|while|until|for|case|do|then)\b|\{|\(/g)].pop()?.[0]
  const closing: Readonly<Record<string, string>> = { if: 'then', then: 'fi', while: 'do', until: 'do', for: 'do', do: 'done', case: 'in', '{': '}', '(': ')' }
  return last && closing[last] ? ` (expecting "${closing[last]}")` : ''
}
