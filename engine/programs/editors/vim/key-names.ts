/** `<CR>`, `<Esc>`, `<C-w>`: keys as mappings write them. */
const named: Readonly<Record<string, string>> = { cr: '\r', enter: '\r', esc: '\x1b', space: ' ', tab: '\t', bs: '\x7f', leader: '\\', lt: '<', bar: '|' }

export function keyText(text: string): string {
  return text.replace(/<(CR|Enter|Esc|Space|Tab|BS|leader|lt|bar|C-(.))>/gi, (_, name: string, control?: string) => (control !== undefined ? String.fromCharCode(control.toUpperCase().charCodeAt(0) & 31) : (named[name.toLowerCase()] ?? '')))
}
