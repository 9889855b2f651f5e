/** Lines of a Dockerfile: directives at the top, comments, and continued lines joined. */
export interface SourceLine { readonly text: string; readonly line: number }

export interface Source { readonly lines: readonly SourceLine[]; readonly escape: string }

/** Something is wrong with a Dockerfile, at a line. */
export class DockerfileError extends Error {
  override readonly name = 'DockerfileError'

  constructor(
    message: string,
    readonly line?: number,
  ) {
    super(message)
  }
}

export function readLines(text: string): Source {
  const raw = text.replace(/^\uFEFF/, '').split('\n').map((line) => line.replace(/\r$/, ''))
  const escape = escapeOf(raw)
  const continued = new RegExp(`${escape === '\\' ? '\\\\' : '`'}[ \\t]*$`)
  const lines: SourceLine[] = []
  let held = ''
  let begun = 0
  raw.forEach((line, index) => {
    if (/^\s*#/.test(line)) return
    const body = held === '' ? line.trimStart() : line
    if (body.trim() === '') return
    if (held === '') begun = index + 1
    if (continued.test(body)) held += body.replace(continued, '')
    else {
      lines.push({ text: `${held}${body}`.trim(), line: begun })
      held = ''
    }
  })
  if (held.trim() !== '') lines.push({ text: held.trim(), line: begun })
  return { lines, escape }
}

/** Directives stand before anything else: `# escape=` is the only one that changes how the rest is read. */
function escapeOf(raw: readonly string[]): string {
  for (const line of raw) {
    const directive = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/.exec(line)
    if (!directive) return '\\'
    if (directive[1]?.toLowerCase() !== 'escape') continue
    if (directive[2] !== '\\' && directive[2] !== '`') throw new DockerfileError(`invalid ESCAPE '${directive[2] ?? ''}'. Must be \` or \\`)
    return directive[2]
  }
  return '\\'
}
