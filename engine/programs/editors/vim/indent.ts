/** How far a new line is indented, and what `=` makes of lines. */
import { indentColumns, indentText } from '#engine/programs/editors/vim/options'
import type { VimState } from '#engine/programs/editors/vim/state'
import { yamlIndent } from '#engine/programs/editors/vim/yaml-indent'

function leadOf(text: string): string {
  return /^[ \t]*/.exec(text)?.[0] ?? ''
}

/** What a line put in before line `at` begins with: as the line it was opened from, or as YAML wants it. */
export function newLineIndent(vim: VimState, at: number, model = at - 1): string {
  const { options, buffer } = vim
  if (options.paste) return ''
  if (vim.yaml) return yamlLead(vim, at)
  if (!options.autoindent && !options.smartindent) return ''
  const above = buffer.line(model)
  const lead = leadOf(above)
  return options.smartindent && /\{\s*$/.test(above) ? indentText(options, indentColumns(options, lead) + (options.shiftwidth || options.tabstop)) : lead
}

function yamlLead(vim: VimState, at: number): string {
  const above = vim.buffer.line(at - 1)
  const columns = yamlIndent(vim.buffer.lines, at, '', 0, vim.options)
  return /^\s*#/.test(above) ? `${leadOf(above)}# ` : indentText(vim.options, columns)
}

/** What is left of a line that `cc` empties. */
export function changedLineIndent(vim: VimState, line: number): string {
  const { options, buffer } = vim
  if (options.paste) return ''
  if (vim.yaml) return indentText(options, yamlIndent(buffer.lines, line, '', 0, options))
  return options.autoindent ? leadOf(buffer.line(line)) : ''
}

/** The line at hand as its file's kind wants it. */
export function reindentLine(vim: VimState, line: number): void {
  const text = vim.buffer.line(line)
  const lead = leadOf(text)
  const columns = yamlIndent(vim.buffer.lines, line, text.slice(lead.length), indentColumns(vim.options, lead), vim.options)
  vim.buffer.set(line, indentText(vim.options, columns) + text.slice(lead.length))
}

/** `=`: by the file's kind, else the indent of the line above. */
export function reindent(vim: VimState, from: number, to: number): void {
  for (let line = from; line <= to; line++) {
    const text = vim.buffer.line(line)
    if (text.trim() === '') vim.buffer.set(line, '')
    else if (vim.yaml) reindentLine(vim, line)
    else vim.buffer.set(line, (line > 0 ? leadOf(vim.buffer.line(line - 1)) : '') + text.trimStart())
  }
}
