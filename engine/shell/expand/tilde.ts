/** `~`, `~user`, `~+`, `~-`. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Shell } from '#engine/shell/state/shell'
import type { Part } from '#engine/shell/syntax/words'

/** What a tilde prefix stands for; undefined where it stands for itself. */
export function tilde(shell: Shell, name: string): string | undefined {
  if (name === '') return shell.vars.find('HOME')?.scalar() ?? homeOf(shell, undefined)
  if (name === '+') return shell.vars.find('PWD')?.scalar()
  if (name === '-') return shell.vars.find('OLDPWD')?.scalar()
  if (/^[+-]?\d+$/.test(name)) return fromStack(shell, name)
  return /^[A-Za-z_][\w.-]*$/.test(name) ? homeOf(shell, name) : undefined
}

/** `~1`, `~+1`, `~-1`: a directory of the stack. */
function fromStack(shell: Shell, name: string): string | undefined {
  const all = [shell.vars.find('PWD')?.scalar() ?? shell.process.cwd(), ...shell.directories]
  return name.startsWith('-') ? all[all.length - 1 - Number(name.slice(1))] : all[Number(name)]
}

function homeOf(shell: Shell, user: string | undefined): string | undefined {
  try {
    for (const line of shell.files.readText('/etc/passwd').split('\n')) {
      const fields = line.split(':')
      if (user === undefined ? Number(fields[2]) === shell.process.credentials.uid : fields[0] === user) return fields[5]
    }
  } catch (error) {
    if (!isErrno(error)) throw error
  }
  return undefined
}

/** The parts of a word with its tildes replaced. `assignment`: also those after colons. */
export function withTilde(shell: Shell, parts: readonly Part[], assignment: boolean, whole = false): readonly Part[] {
  const first = parts[0]
  if (!first) return parts
  if (!assignment) {
    if (first.kind !== 'literal' || first.quoted || !first.text.startsWith('~')) return parts
    return replaceTilde(shell, parts, 0, false, whole)
  }
  return parts.flatMap((part, index) => (part.kind === 'literal' && !part.quoted && part.text.includes('~') ? replaceTilde(shell, [part, ...parts.slice(index + 1)], index, true, whole).slice(0, -(parts.length - index - 1) || undefined) : [part]))
}

/** The first part with its tildes replaced, and the rest as it was. */
function replaceTilde(shell: Shell, parts: readonly Part[], index: number, assignment: boolean, whole: boolean): Part[] {
  const first = parts[0] as Part & { kind: 'literal' }
  const rest = parts.slice(1)
  const out: Part[] = []
  const pattern = assignment ? /(^|[:=])(~[^/:]*)/g : /^()(~[^/]*)/g
  const midWord = assignment && (index > 0 || !whole)
  let last = 0
  for (const match of first.text.matchAll(pattern)) {
    const at = match.index + (match[1] as string).length
    const end = at + (match[2] as string).length
    const complete = end < first.text.length || rest.length === 0
    const home = complete && !(match[1] === '' && midWord) ? tilde(shell, (match[2] as string).slice(1)) : undefined
    if (home === undefined) continue
    out.push(...literal(first.text.slice(last, at), false), ...literal(home, true))
    last = end
  }
  return [...out, ...literal(first.text.slice(last), false), ...rest]
}

function literal(text: string, quoted: boolean): Part[] {
  return text === '' && !quoted ? [] : [{ kind: 'literal', text, quoted }]
}
