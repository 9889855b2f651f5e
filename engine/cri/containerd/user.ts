/** Users of an image: names and groups from its own /etc/passwd and /etc/group. */
import { RpcError } from '../rpc'

export interface ImageUserFiles { readonly passwd: string; readonly group: string }

export interface UserRequest {
  /** `User` of the image: `nginx`, `101`, `101:102`, `nginx:www`, or empty. */
  readonly image: string
  readonly uid?: number
  readonly username?: string
  readonly gid?: number
  readonly supplementalGroups: readonly number[]
  readonly strict: boolean
}

export interface ResolvedUser { readonly uid: number; readonly gid: number; readonly additionalGids: readonly number[] }

interface PasswdEntry { name: string; uid: number; gid: number }

export function resolveUser(files: ImageUserFiles, request: UserRequest): ResolvedUser {
  const text = request.username ?? (request.uid === undefined ? request.image : String(request.uid))
  const [userText = '', groupText] = text.split(':')
  const entry = findUser(files, userText === '' ? '0' : userText)
  const group = groupText === undefined || groupText === '' ? undefined : findGroup(files, groupText)
  const gid = request.gid ?? group ?? entry.gid
  const own = request.strict ? [] : groupsOf(files, entry.name)
  const additionalGids = [...new Set([gid, ...own, ...request.supplementalGroups])]
  return { uid: entry.uid, gid, additionalGids }
}

/** The numeric id of an image's user, or its name where it cannot be told without the image's files. */
export function imageUserIdentity(user: string): { uid?: number; username: string } {
  const [name = ''] = user.split(':')
  if (name === '') return { uid: 0, username: '' }
  return /^\d+$/.test(name) ? { uid: Number(name), username: '' } : { username: name }
}

/** Of the files read lately: thousands of containers come from one image. */
const knownEntries = new Map<string, readonly PasswdEntry[]>()
const knownGroups = new Map<string, readonly (readonly string[])[]>()

function remembered<T>(known: Map<string, T>, text: string, read: (text: string) => T): T {
  const before = known.get(text)
  if (before) return before
  const made = read(text)
  if (known.size >= 32) known.clear()
  known.set(text, made)
  return made
}

function entriesOf(passwd: string): readonly PasswdEntry[] {
  return passwd.split('\n').map((line) => line.split(':')).filter((parts) => parts.length >= 4).map(([name = '', , uid = '', gid = '']): PasswdEntry => ({ name, uid: Number(uid), gid: Number(gid) }))
}

function findUser(files: ImageUserFiles, text: string): PasswdEntry {
  const entries = remembered(knownEntries, files.passwd, entriesOf)
  if (/^\d+$/.test(text)) return entries.find((entry) => entry.uid === Number(text)) ?? { name: '', uid: Number(text), gid: 0 }
  const found = entries.find((entry) => entry.name === text)
  if (!found) throw new RpcError('Unknown', `failed to generate container spec: failed to generate spec: unable to find user ${text}: no users found`)
  return found
}

function findGroup(files: ImageUserFiles, text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  const line = groupLines(files).find(([name]) => name === text)
  if (!line) throw new RpcError('Unknown', `failed to generate container spec: failed to generate spec: unable to find group ${text}: no groups found`)
  return Number(line[2])
}

function groupsOf(files: ImageUserFiles, user: string): number[] {
  if (user === '') return []
  return groupLines(files).filter(([, , , members = '']) => members.split(',').includes(user)).map(([, , gid]) => Number(gid))
}

function groupLines(files: ImageUserFiles): readonly (readonly string[])[] {
  return remembered(knownGroups, files.group, (text) => text.split('\n').map((line) => line.trim().split(':')).filter((parts) => parts.length >= 3))
}
