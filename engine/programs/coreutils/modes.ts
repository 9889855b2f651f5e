/** File modes as chmod, mkdir -m and install take them. */

/** The new mode, or undefined where the text is none. `umask` bounds clauses without u, g, o or a. */
export function changeMode(text: string, before: number, directory: boolean, umask: number): number | undefined {
  if (/^[0-7]+$/.test(text)) return octalMode(text, before, directory)
  let mode: number | undefined = before
  for (const clause of text.split(',')) {
    mode = applyClause(clause, mode, directory, umask)
    if (mode === undefined) return undefined
  }
  return mode
}

/** Fewer than five digits leave a directory's set-id bits. */
function octalMode(text: string, before: number, directory: boolean): number | undefined {
  const mode = Number.parseInt(text, 8)
  if (mode > 0o7777) return undefined
  return directory && text.length < 5 ? mode | (before & 0o6000) : mode
}

const reach: Readonly<Record<string, number>> = { u: 0o4700, g: 0o2070, o: 0o1007, a: 0o7777 }

function applyClause(clause: string, before: number, directory: boolean, umask: number): number | undefined {
  const match = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]|[0-7]+))+)$/.exec(clause)
  if (!match) return undefined
  const who = match[1] as string
  const affected = [...(who || 'a')].reduce((bits, letter) => bits | (reach[letter] ?? 0), 0)
  const masked = affected & ~(who === '' ? umask & 0o777 : 0)
  let mode = before
  for (const [, sign = '', permissions = ''] of (match[2] as string).matchAll(/([-+=])([rwxXst]*|[ugo]|[0-7]+)(?=[-+=]|$)/g)) {
    const bits = permissionBits(permissions, mode, directory) & masked
    mode = applyAction(sign, mode, bits, directory && !permissions.includes('s') ? affected & ~0o6000 : affected)
  }
  return mode
}

function applyAction(sign: string, mode: number, bits: number, affected: number): number {
  if (sign === '+') return mode | bits
  return sign === '-' ? mode & ~bits : (mode & ~affected) | bits
}

const copied: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 }
const letterBits: Readonly<Record<string, number>> = { r: 0o444, w: 0o222, x: 0o111, s: 0o6000, t: 0o1000 }

function permissionBits(text: string, mode: number, directory: boolean): number {
  if (/^[0-7]+$/.test(text)) return Number.parseInt(text, 8)
  const shift = copied[text]
  if (shift !== undefined) return ((mode >> shift) & 7) * 0o111
  const executable = directory || (mode & 0o111) !== 0
  return [...text].reduce((bits, letter) => bits | (letter === 'X' ? Number(executable) * 0o111 : (letterBits[letter] ?? 0)), 0)
}
