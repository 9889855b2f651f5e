/** File modes as chmod, mkdir -m and install take them. */

/** The new mode, or undefined where the text is none. `umask` bounds clauses without u, g, o or a. */
export function changeMode(text: string, before: number, directory: boolean, umask: number): number | undefined {
  if (/^[0-7]+$/.test(text)) {
    const mode = Number.parseInt(text, 8)
    if (mode > 0o7777) return undefined
    return directory && text.length < 5 ? mode | (before & 0o6000) : mode
  }
  let mode = before
  for (const clause of text.split(',')) {
    const next = applyClause(clause, mode, directory, umask)
    if (next === undefined) return undefined
    mode = next
  }
  return mode
}

function applyClause(clause: string, before: number, directory: boolean, umask: number): number | undefined {
  const match = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]|[0-7]+))+)$/.exec(clause)
  if (!match) return undefined
  const who = match[1] as string
  const all = who === '' || who.includes('a')
  let affected = 0
  if (all || who.includes('u')) affected |= 0o4700
  if (all || who.includes('g')) affected |= 0o2070
  if (all || who.includes('o')) affected |= 0o1007
  let mode = before
  for (const action of (match[2] as string).matchAll(/([-+=])([rwxXst]*|[ugo]|[0-7]+)(?=[-+=]|$)/g)) {
    let bits = permissionBits(action[2] as string, mode, directory)
    bits &= affected | (all ? 0o1000 : 0)
    if (who === '') bits &= ~(umask & 0o777)
    if (action[1] === '+') mode |= bits
    else if (action[1] === '-') mode &= ~bits
    else mode = (mode & ~(affected & (who === '' ? ~0 : ~0) & (directory && !/s/.test(action[2] as string) ? ~0o6000 : ~0))) | bits
  }
  return mode
}

function permissionBits(text: string, mode: number, directory: boolean): number {
  if (/^[0-7]+$/.test(text)) return Number.parseInt(text, 8)
  if (/^[ugo]$/.test(text)) {
    const part = (mode >> (text === 'u' ? 6 : text === 'g' ? 3 : 0)) & 7
    return part * 0o111
  }
  let bits = 0
  for (const letter of text) {
    if (letter === 'r') bits |= 0o444
    else if (letter === 'w') bits |= 0o222
    else if (letter === 'x') bits |= 0o111
    else if (letter === 'X') bits |= directory || mode & 0o111 ? 0o111 : 0
    else if (letter === 's') bits |= 0o6000
    else if (letter === 't') bits |= 0o1000
  }
  return bits
}
