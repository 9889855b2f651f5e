const kinds: Readonly<Record<string, string>> = { directory: 'd', symlink: 'l', fifo: 'p', socket: 's', character: 'c', block: 'b' }

/** `-rwxr-xr-x`. */
export function modeString(type: string, mode: number): string {
  return (kinds[type] ?? '-') + triple(mode >> 6, mode & 0o4000, 's') + triple(mode >> 3, mode & 0o2000, 's') + triple(mode, mode & 0o1000, 't')
}

function triple(bits: number, special: number, letter: string): string {
  return `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${executeLetter(bits & 1, special, letter)}`
}

function executeLetter(execute: number, special: number, letter: string): string {
  if (special) return execute ? letter : letter.toUpperCase()
  return execute ? 'x' : '-'
}
