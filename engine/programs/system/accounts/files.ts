/** Changing /etc/passwd, /etc/group and /etc/shadow, line by line. */
import type { Files } from '#engine/linux/abi/files'

export function linesOf(files: Files, path: string): string[] {
  return files.exists(path) ? files.readText(path).split('\n').filter((line) => line !== '') : []
}

/** Replaces the line of a name, adds it, or with undefined removes it. */
export function setLine(files: Files, path: string, name: string, line: string | undefined): void {
  const lines = linesOf(files, path)
  const at = lines.findIndex((each) => each.startsWith(`${name}:`))
  if (line === undefined) {
    if (at >= 0) lines.splice(at, 1)
  } else if (at >= 0) lines[at] = line
  else lines.push(line)
  const mode = files.exists(path)?.mode ?? 0o644
  files.replaceFile(path, lines.map((each) => `${each}\n`).join(''), mode & 0o777)
  files.chmod(path, mode)
}

export function fieldsOf(files: Files, path: string, name: string): string[] | undefined {
  return linesOf(files, path).find((line) => line.startsWith(`${name}:`))?.split(':')
}

export function setPasswordHash(files: Files, name: string, hash: string, nowMs: number): void {
  const fields = fieldsOf(files, '/etc/shadow', name) ?? [name, '', '', '0', '99999', '7', '', '', '']
  fields[1] = hash
  fields[2] = String(Math.floor(nowMs / 86_400_000))
  setLine(files, '/etc/shadow', name, fields.join(':'))
}

/** Members of a group: added and removed. */
export function changeMembers(files: Files, group: string, change: (members: string[]) => string[]): void {
  const fields = fieldsOf(files, '/etc/group', group)
  if (!fields) return
  fields[3] = [...new Set(change((fields[3] ?? '').split(',').filter(Boolean)))].join(',')
  setLine(files, '/etc/group', group, fields.join(':'))
}

export function nextId(taken: readonly number[], from: number, to: number): number {
  let highest = from - 1
  for (const id of taken) if (id >= from && id <= to && id > highest) highest = id
  return highest + 1
}
