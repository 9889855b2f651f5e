/** `useradd`, `usermod`, `userdel`, `groupadd`, `groupmod`, `groupdel`, `adduser`. */
import { flag, option, optional, parseFlags, UsageError } from '#engine/linux/abi/flags'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { findGroup, findUser, groups, type User, users } from '#engine/linux/users/accounts'
import { changeMembers, fieldsOf, nextId, setLine, setPasswordHash } from './files'

const userFlags = {
  home: option('-d', '--home', '--home-dir'), shell: option('-s', '--shell'), uid: option('-u', '--uid'), gid: option('-g', '--gid'), groups: option('-G', '--groups'), comment: option('-c', '--comment'), createHome: flag('-m', '--create-home'), noCreateHome: flag('-M', '--no-create-home'),
  system: flag('-r', '--system'), password: option('-p', '--password'), userGroup: flag('-U', '--user-group'), noUserGroup: flag('-N', '--no-user-group'), expire: option('-e', '--expiredate'), inactive: option('-f', '--inactive'), skeleton: option('-k', '--skel'), nonUnique: flag('-o', '--non-unique'), baseDirectory: option('-b', '--base-dir'), defaults: flag('-D', '--defaults'), key: option('-K', '--key'), noLog: flag('-l', '--no-log-init'),
}

function tool(name: string, run: (process: Process, args: readonly string[]) => Promise<number>): Program {
  return {
    name,
    async run(process) {
      try {
        if (process.credentials.euid !== 0) {
          await process.stderr.write(`${name}: Permission denied.\n${name}: cannot lock /etc/${name.startsWith('group') ? 'group' : 'passwd'}; try again later.\n`)
          return name.startsWith('group') ? 10 : 1
        }
        return await run(process, process.argv.slice(1))
      } catch (error) {
        if (!(error instanceof UsageError)) throw error
        await process.stderr.write(`${name}: ${error.message}\nUsage: ${name} [options] ${name.startsWith('group') ? 'GROUP' : 'LOGIN'}\n`)
        return 2
      }
    },
  }
}

async function refuse(process: Process, text: string, code: number): Promise<number> {
  await process.stderr.write(`${text}\n`)
  return code
}

export const useradd = tool('useradd', async (process, args) => {
  const { values, operands } = parseFlags(userFlags, args, false)
  const [name] = operands
  if (values.defaults) {
    await process.stdout.write('GROUP=100\nHOME=/home\nINACTIVE=-1\nEXPIRE=\nSHELL=/bin/sh\nSKEL=/etc/skel\nCREATE_MAIL_SPOOL=no\nLOG_INIT=yes\n')
    return 0
  }
  if (name === undefined) throw new UsageError('no user name given')
  const taken = users(process.files).map((user) => user.uid)
  const uid = wantedId(values.uid, values.system, taken)
  const ownGroup = values.gid === undefined && !values.noUserGroup
  const problem = nameProblem(process, name) ?? idProblem(uid, values.uid, taken, values.nonUnique) ?? groupProblem(process, name, values, ownGroup)
  if (problem) return refuse(process, `useradd: ${problem[0]}`, problem[1])
  const gid = ownGroup ? makeGroup(process, name, uid) : (groupOf(process, values.gid ?? '100')?.gid ?? 100)
  await addUser(process, name, uid, gid, values)
  return 0
})

/** What is wrong, and useradd's exit code for it. */
type Problem = readonly [string, number] | undefined

function nameProblem(process: Process, name: string): Problem {
  if (!/^[a-z_][a-z0-9_-]*\$?$/i.test(name) || name.length > 32) return [`invalid user name '${name}': use --badname to ignore`, 3]
  return findUser(process.files, name) ? [`user '${name}' already exists`, 9] : undefined
}

function idProblem(uid: number, given: string | undefined, taken: readonly number[], mayRepeat: boolean): Problem {
  if (!Number.isInteger(uid) || uid < 0) return [`invalid user ID '${given ?? ''}'`, 3]
  return taken.includes(uid) && !mayRepeat ? [`UID ${uid} is not unique`, 4] : undefined
}

function groupProblem(process: Process, name: string, values: Parameters<typeof missingGroup>[1], ownGroup: boolean): Problem {
  const missing = missingGroup(process, values)
  if (missing !== undefined) return [`group '${missing}' does not exist`, 6]
  return ownGroup && findGroup(process.files, name) ? [`group ${name} exists - if you want to add this user to that group, use -g.`, 9] : undefined
}

interface NewUser {
  readonly home: string | undefined
  readonly baseDirectory: string | undefined
  readonly comment: string | undefined
  readonly shell: string | undefined
  readonly password: string | undefined
  readonly groups: string | undefined
  readonly createHome: boolean
}

async function addUser(process: Process, name: string, uid: number, gid: number, values: NewUser): Promise<void> {
  const home = values.home ?? `${values.baseDirectory ?? '/home'}/${name}`
  setLine(process.files, '/etc/passwd', name, `${name}:x:${uid}:${gid}:${values.comment ?? ''}:${home}:${values.shell ?? '/bin/sh'}`)
  setPasswordHash(process.files, name, values.password ?? '!', process.clock.now())
  for (const group of splitGroups(values.groups)) changeMembers(process.files, groupOf(process, group)?.name ?? group, (members) => [...members, name])
  if (values.createHome) await makeHome(process, home, uid, gid)
}

function wantedId(given: string | undefined, isSystem: boolean, taken: readonly number[]): number {
  if (given !== undefined) return Number(given)
  return isSystem ? freeBelow(taken) : nextId(taken, 1000, 60000)
}

/** The first of the groups named that there is none of. */
function missingGroup(process: Process, values: { readonly groups: string | undefined; readonly gid: string | undefined }): string | undefined {
  return [...splitGroups(values.groups), ...(values.gid === undefined ? [] : [values.gid])].find((group) => !groupOf(process, group))
}

function freeBelow(taken: readonly number[]): number {
  let uid = 999
  while (taken.includes(uid)) uid--
  return uid
}

function splitGroups(text: string | undefined): string[] {
  return (text ?? '').split(',').filter(Boolean)
}

function groupOf(process: Process, text: string): ReturnType<typeof findGroup> {
  return findGroup(process.files, text) ?? (/^\d+$/.test(text) ? findGroup(process.files, Number(text)) : undefined)
}

function makeGroup(process: Process, name: string, wanted: number): number {
  const taken = groups(process.files).map((group) => group.gid)
  const gid = taken.includes(wanted) ? nextId(taken, 1000, 60000) : wanted
  setLine(process.files, '/etc/group', name, `${name}:x:${gid}:`)
  setLine(process.files, '/etc/gshadow', name, `${name}:!::`)
  return gid
}

async function makeHome(process: Process, home: string, uid: number, gid: number): Promise<void> {
  const { files } = process
  if (files.exists(home)) return void (await process.stderr.write(`useradd: warning: the home directory ${home} already exists.\nuseradd: Not copying any file from skel directory into it.\n`))
  files.mkdirAll(home, 0o755)
  files.chmod(home, 0o700)
  for (const entry of files.exists('/etc/skel') ? files.readDirectory('/etc/skel') : []) {
    if (entry.type !== 'file') continue
    files.writeFile(`${home}/${entry.name}`, files.readFile(`/etc/skel/${entry.name}`), 0o644)
    files.chown(`${home}/${entry.name}`, uid, gid)
  }
  files.chown(home, uid, gid)
}

export const usermod = tool('usermod', async (process, args) => {
  const { values, operands } = parseFlags({ ...userFlags, append: flag('-a', '--append'), remove: flag('-r', '--remove'), login: option('-l', '--login'), lock: flag('-L', '--lock'), unlock: flag('-U', '--unlock'), moveHome: flag('-m', '--move-home'), system: flag('--unused-system'), createHome: flag('--unused-create'), userGroup: flag('--unused-group'), noLog: flag('--unused-log') }, args, false)
  const name = operands[0]
  if (name === undefined) throw new UsageError('no user name given')
  const user = findUser(process.files, name)
  if (!user) return refuse(process, `usermod: user '${name}' does not exist`, 6)
  const missing = missingGroup(process, values)
  if (missing !== undefined) return refuse(process, `usermod: group '${missing}' does not exist`, 6)
  if (values.groups !== undefined) regroup(process, name, splitGroups(values.groups), values.append, values.remove)
  changePassword(process, name, values)
  const changed = changedUser(process, user, values)
  if (values.moveHome && changed.home !== user.home && process.files.exists(user.home)) process.files.rename(user.home, changed.home)
  setLine(process.files, '/etc/passwd', name, `${changed.name}:x:${changed.uid}:${changed.gid}:${changed.comment}:${changed.home}:${changed.shell}`)
  if (changed.name !== name) renameEverywhere(process, name, changed.name)
  return 0
})

function changePassword(process: Process, name: string, values: { readonly password: string | undefined; readonly lock: boolean; readonly unlock: boolean }): void {
  const hash = fieldsOf(process.files, '/etc/shadow', name)?.[1] ?? '!'
  const open = hash.replace(/^!/, '')
  const next = values.password ?? (values.lock ? `!${open}` : values.unlock ? open : undefined)
  if (next !== undefined) setPasswordHash(process.files, name, next, process.clock.now())
}

interface UserChange {
  readonly login: string | undefined
  readonly uid: string | undefined
  readonly gid: string | undefined
  readonly comment: string | undefined
  readonly home: string | undefined
  readonly shell: string | undefined
}

function changedUser(process: Process, user: User, values: UserChange): User {
  const group = values.gid === undefined ? undefined : groupOf(process, values.gid)
  return { name: values.login ?? user.name, uid: Number(values.uid ?? user.uid), gid: group?.gid ?? user.gid, comment: values.comment ?? user.comment, home: values.home ?? user.home, shell: values.shell ?? user.shell }
}

function regroup(process: Process, name: string, wanted: readonly string[], append: boolean, remove: boolean): void {
  const named = wanted.map((group) => groupOf(process, group)?.name ?? group)
  for (const group of groups(process.files)) {
    const isWanted = named.includes(group.name)
    if (remove && isWanted) changeMembers(process.files, group.name, (members) => members.filter((each) => each !== name))
    else if (!remove && isWanted) changeMembers(process.files, group.name, (members) => [...members, name])
    else if (!append && !remove && group.members.includes(name)) changeMembers(process.files, group.name, (members) => members.filter((each) => each !== name))
  }
}

function renameEverywhere(process: Process, from: string, to: string): void {
  const shadow = fieldsOf(process.files, '/etc/shadow', from)
  if (shadow) setLine(process.files, '/etc/shadow', from, [to, ...shadow.slice(1)].join(':'))
  for (const group of groups(process.files)) if (group.members.includes(from)) changeMembers(process.files, group.name, (members) => members.map((each) => (each === from ? to : each)))
}

export const userdel = tool('userdel', async (process, args) => {
  const { values, operands } = parseFlags({ remove: flag('-r', '--remove'), force: flag('-f', '--force') }, args, false)
  const name = operands[0]
  if (name === undefined) throw new UsageError('no user name given')
  const user = findUser(process.files, name)
  if (!user) return refuse(process, `userdel: user '${name}' does not exist`, 6)
  const busy = process.processes().find((entry) => entry.uid === user.uid)
  if (busy && !values.force) return refuse(process, `userdel: user ${name} is currently used by process ${busy.pid}`, 8)
  setLine(process.files, '/etc/passwd', name, undefined)
  setLine(process.files, '/etc/shadow', name, undefined)
  for (const group of groups(process.files)) if (group.members.includes(name)) changeMembers(process.files, group.name, (members) => members.filter((each) => each !== name))
  const own = findGroup(process.files, name)
  if (own && own.gid === user.gid && own.members.length === 0) {
    setLine(process.files, '/etc/group', name, undefined)
    setLine(process.files, '/etc/gshadow', name, undefined)
  }
  if (!values.remove) return 0
  await process.stderr.write(`userdel: ${name} mail spool (/var/mail/${name}) not found\n`)
  if (process.files.exists(user.home)) process.files.removeAll(user.home)
  else await process.stderr.write(`userdel: ${name} home directory (${user.home}) not found\n`)
  return 0
})

export const groupadd = tool('groupadd', async (process, args) => {
  const { values, operands } = parseFlags({ gid: option('-g', '--gid'), force: flag('-f', '--force'), system: flag('-r', '--system'), nonUnique: flag('-o', '--non-unique'), password: option('-p', '--password'), key: option('-K', '--key'), users: optional('-U', '--users') }, args, false)
  const name = operands[0]
  if (name === undefined) throw new UsageError('no group name given')
  if (!/^[a-z_][a-z0-9_-]*\$?$/i.test(name)) return refuse(process, `groupadd: '${name}' is not a valid group name`, 3)
  if (findGroup(process.files, name)) return values.force ? 0 : refuse(process, `groupadd: group '${name}' already exists`, 9)
  const taken = groups(process.files).map((group) => group.gid)
  const gid = values.gid === undefined ? (values.system ? freeBelow(taken) : nextId(taken, 1000, 60000)) : Number(values.gid)
  if (!Number.isInteger(gid) || gid < 0) return refuse(process, `groupadd: invalid group ID '${values.gid ?? ''}'`, 3)
  if (taken.includes(gid) && !values.nonUnique) return refuse(process, `groupadd: GID '${gid}' already exists`, 4)
  setLine(process.files, '/etc/group', name, `${name}:x:${gid}:`)
  setLine(process.files, '/etc/gshadow', name, `${name}:!::`)
  return 0
})

export const groupmod = tool('groupmod', async (process, args) => {
  const { values, operands } = parseFlags({ gid: option('-g', '--gid'), name: option('-n', '--new-name'), nonUnique: flag('-o', '--non-unique') }, args, false)
  const name = operands[0] ?? ''
  const fields = fieldsOf(process.files, '/etc/group', name)
  if (!fields) return refuse(process, `groupmod: group '${name}' does not exist`, 6)
  setLine(process.files, '/etc/group', name, [values.name ?? name, 'x', values.gid ?? fields[2], fields[3]].join(':'))
  return 0
})

export const groupdel = tool('groupdel', async (process, args) => {
  const { operands } = parseFlags({ force: flag('-f', '--force') }, args, false)
  const name = operands[0]
  if (name === undefined) throw new UsageError('no group name given')
  const group = findGroup(process.files, name)
  if (!group) return refuse(process, `groupdel: group '${name}' does not exist`, 6)
  const owner = users(process.files).find((user) => user.gid === group.gid)
  if (owner) return refuse(process, `groupdel: cannot remove the primary group of user '${owner.name}'`, 8)
  setLine(process.files, '/etc/group', name, undefined)
  setLine(process.files, '/etc/gshadow', name, undefined)
  return 0
})
