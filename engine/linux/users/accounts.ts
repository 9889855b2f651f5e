/** Users and groups, as the files in /etc say. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Files } from '#engine/linux/abi/files'

export interface User {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly comment: string
  readonly home: string
  readonly shell: string
}

export interface Group {
  readonly name: string
  readonly gid: number
  readonly members: readonly string[]
}

export interface Shadow {
  readonly name: string
  /** `$6$...`, `!` or `*` in front: locked. */
  readonly hash: string
  /** The other seven fields as they stand. */
  readonly fields: readonly string[]
}

export function users(files: Files, path = '/etc/passwd'): User[] {
  return rows(files, path, 7).map(([name = '', , uid = '', gid = '', comment = '', home = '', shell = '']) => ({ name, uid: Number(uid), gid: Number(gid), comment, home, shell: shell || '/bin/sh' }))
}

export function groups(files: Files, path = '/etc/group'): Group[] {
  return rows(files, path, 4).map(([name = '', , gid = '', members = '']) => ({ name, gid: Number(gid), members: members.split(',').filter(Boolean) }))
}

export function shadows(files: Files): Shadow[] {
  return rows(files, '/etc/shadow', 9).map(([name = '', hash = '', ...fields]) => ({ name, hash, fields }))
}

export function findUser(files: Files, nameOrUid: string | number): User | undefined {
  return users(files).find((user) => user.name === nameOrUid || user.uid === nameOrUid)
}

export function findGroup(files: Files, nameOrGid: string | number): Group | undefined {
  return groups(files).find((group) => group.name === nameOrGid || group.gid === nameOrGid)
}

export function userName(files: Files, uid: number): string {
  return findUser(files, uid)?.name ?? String(uid)
}

/** All groups a user is in, its own first. */
export function groupsOf(files: Files, user: User): number[] {
  const others = groups(files).filter((group) => group.gid !== user.gid && group.members.includes(user.name))
  return [user.gid, ...others.map((group) => group.gid)]
}

export function loginEnvironment(user: User, term: string | undefined): Map<string, string> {
  const system = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  const env = new Map([
    ['SHELL', user.shell],
    ['PWD', user.home],
    ['LOGNAME', user.name],
    ['HOME', user.home],
    ['LANG', 'C.UTF-8'],
    ['USER', user.name],
    ['PATH', user.uid === 0 ? system : '/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games'],
  ])
  if (term !== undefined) env.set('TERM', term)
  return env
}

function rows(files: Files, path: string, count: number): string[][] {
  let text: string
  try {
    text = files.readText(path)
  } catch (error) {
    if (isErrno(error)) return path === '/etc/passwd' ? [['root', 'x', '0', '0', 'root', '/root', '/bin/bash']] : []
    throw error
  }
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(':')).filter((fields) => fields.length >= Math.min(4, count))
}
