/** `*` and `?` in a path of this machine. */
import type { Process } from '#engine/linux/abi/process'
import { matchesGlob } from '#engine/shell/patterns/glob'

export function expandGlob(process: Process, path: string): string[] {
  if (!/[*?[]/.test(path)) return [path]
  let found = [path.startsWith('/') ? '/' : '']
  for (const part of path.split('/').filter((piece) => piece !== '')) found = found.flatMap((base) => step(process, base, part))
  return found.sort()
}

function step(process: Process, base: string, part: string): string[] {
  const under = (name: string): string => (base === '' || base === '/' ? `${base}${name}` : `${base}/${name}`)
  if (!/[*?[]/.test(part)) return process.files.exists(under(part)) ? [under(part)] : []
  if (process.files.exists(base === '' ? '.' : base)?.type !== 'directory') return []
  const names = process.files.readDirectory(base === '' ? '.' : base).map((entry) => entry.name)
  return names.filter((name) => name !== '.' && name !== '..' && matchesGlob(part, name)).map(under)
}
