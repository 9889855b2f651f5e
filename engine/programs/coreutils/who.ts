/** id, whoami, groups, logname, users, uname, arch, nproc, tty, hostid. */
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { Accounts, complain, print, quote, usageFailure } from '#engine/programs/common/gnu'
import { isBusybox } from '#engine/programs/common/busybox'
import { isErrno } from '#engine/linux/abi/errno'

const id = defineProgram({
  name: 'id',
  usage: '[OPTION]... [USER]...',
  flags: { all: flag('-a'), group: flag('-g', '--group'), groups: flag('-G', '--groups'), name: flag('-n', '--name'), real: flag('-r', '--real'), user: flag('-u', '--user'), zero: flag('-z', '--zero'), context: flag('-Z', '--context') },
  async run(process, o) {
    const chosen = [o.group, o.groups, o.user].filter(Boolean).length
    if (chosen > 1) return complain(process, 'cannot print "only" of more than one choice').then(() => 1)
    const plain = chosen === 0 ? plainProblem(o) : undefined
    if (plain !== undefined) return complain(process, plain).then(() => 1)
    const accounts = new Accounts(process)
    let status = 0
    for (const user of o.operands.length > 0 ? o.operands : [undefined]) {
      const who = identity(process, accounts, user)
      if (who) await print(process, identityText(who, accounts, o))
      else status = await complain(process, `${quote(process, user ?? '')}: no such user`).then(() => 1)
    }
    return status
  },
})

interface Shown {
  readonly user: boolean
  readonly group: boolean
  readonly groups: boolean
  readonly name: boolean
  readonly zero: boolean
}

function identityText(who: Identity, accounts: Accounts, o: Shown): string {
  const groupName = (gid: number): string => (o.name ? (accounts.group(gid) ?? String(gid)) : String(gid))
  const end = o.zero ? '\0' : '\n'
  if (o.user) return (o.name ? (accounts.user(who.uid) ?? String(who.uid)) : String(who.uid)) + end
  if (o.group) return groupName(who.gid) + end
  if (o.groups) return who.groups.map(groupName).join(o.zero ? '\0' : ' ') + end
  const groups = who.groups.map((gid) => described('', gid, accounts.group(gid))).join(',')
  return `${described('uid', who.uid, accounts.user(who.uid))} ${described('gid', who.gid, accounts.group(who.gid))}${groups === '' ? '' : ` groups=${groups}`}\n`
}

interface Identity {
  readonly uid: number
  readonly gid: number
  readonly groups: number[]
}

function plainProblem(o: { name: boolean; real: boolean; zero: boolean }): string | undefined {
  if (o.name || o.real) return 'cannot print only names or real IDs in default format'
  return o.zero ? 'option --zero not permitted in default format' : undefined
}

function described(label: string, number: number, name: string | undefined): string {
  return `${label === '' ? '' : `${label}=`}${number}${name === undefined ? '' : `(${name})`}`
}

function identity(process: Process, accounts: Accounts, user: string | undefined): Identity | undefined {
  if (user === undefined) {
    const { euid, egid, groups } = process.credentials
    // busybox shows the list as the kernel keeps it, ascending.
    if (isBusybox(process)) return { uid: euid, gid: egid, groups: [...new Set(groups)].sort((a, b) => a - b) }
    return { uid: euid, gid: egid, groups: [egid, ...groups.filter((gid) => gid !== egid)] }
  }
  const uid = accounts.userId(user) ?? (/^\d+$/.test(user) && accounts.user(Number(user)) !== undefined ? Number(user) : undefined)
  if (uid === undefined) return undefined
  const name = accounts.user(uid) ?? user
  const gid = accounts.loginGroup(name) ?? uid
  return { uid, gid, groups: [gid, ...accounts.memberships(name).filter((one) => one !== gid)] }
}

/** Programs that take no operand. */
function withoutOperands(run: (process: Process) => Promise<void>): (process: Process, o: { readonly operands: readonly string[] }) => Promise<number> {
  return async (process, { operands }) => {
    if (operands[0] !== undefined) return usageFailure(process, `extra operand ${quote(process, operands[0])}`)
    await run(process)
    return 0
  }
}

const whoami = defineProgram({
  name: 'whoami',
  usage: '[OPTION]...',
  flags: {},
  async run(process, { operands }) {
    if (operands.length > 0) return usageFailure(process, `extra operand ${quote(process, operands[0] as string)}`)
    const { euid } = process.credentials
    const name = new Accounts(process).user(euid)
    if (name === undefined) return complain(process, `cannot find name for user ID ${euid}`).then(() => 1)
    await print(process, `${name}\n`)
    return 0
  },
})

const groups = defineProgram({
  name: 'groups',
  usage: '[OPTION]... [USERNAME]...',
  flags: {},
  async run(process, { operands }) {
    const accounts = new Accounts(process)
    let status = 0
    for (const user of operands.length > 0 ? operands : [undefined]) {
      const who = identity(process, accounts, user)
      if (!who) {
        await complain(process, `${quote(process, user ?? '')}: no such user`)
        status = 1
      } else await print(process, `${user === undefined ? '' : `${user} : `}${who.groups.map((gid) => accounts.group(gid) ?? String(gid)).join(' ')}\n`)
    }
    return status
  },
})

const logname = defineProgram({
  name: 'logname',
  usage: '[OPTION]',
  flags: {},
  async run(process, { operands }) {
    if (operands[0] !== undefined) return usageFailure(process, `extra operand ${quote(process, operands[0])}`)
    if (process.terminal() === undefined) return complain(process, 'no login name').then(() => 1)
    await print(process, `${new Accounts(process).user(process.credentials.uid) ?? ''}\n`)
    return 0
  },
})

const users = defineProgram({ name: 'users', usage: '[OPTION]... [FILE]', flags: {}, run: (process) => print(process, process.terminal() ? `${new Accounts(process).user(process.credentials.uid) ?? ''}\n` : '').then(() => 0) })

const uname = defineProgram({
  name: 'uname',
  usage: '[OPTION]...',
  flags: { all: flag('-a', '--all'), kernel: flag('-s', '--kernel-name'), node: flag('-n', '--nodename'), release: flag('-r', '--kernel-release'), version: flag('-v', '--kernel-version'), machine: flag('-m', '--machine'), processor: flag('-p', '--processor'), platform: flag('-i', '--hardware-platform'), system: flag('-o', '--operating-system') },
  async run(process, o) {
    if (o.operands.length > 0) return usageFailure(process, `extra operand ${quote(process, o.operands[0] as string)}`)
    const names = process.uname()
    const all = [['kernel', names.sysname], ['node', names.nodename], ['release', names.release], ['version', names.version], ['machine', names.machine], ['processor', 'unknown'], ['platform', 'unknown'], ['system', 'GNU/Linux']] as const
    const chosen = all.filter(([key]) => o[key] || (o.all && key !== 'processor' && key !== 'platform'))
    const parts = (chosen.length > 0 ? chosen : all.slice(0, 1)).map(([, text]) => text)
    await print(process, `${parts.join(' ')}\n`)
    return 0
  },
})

const arch = defineProgram({ name: 'arch', usage: '[OPTION]...', flags: {}, run: withoutOperands(async (process) => print(process, `${process.uname().machine}\n`)) })

const nproc = defineProgram({
  name: 'nproc',
  usage: '[OPTION]...',
  flags: { all: flag('--all'), ignore: option('--ignore') },
  async run(process, o) {
    if (o.operands[0] !== undefined) return usageFailure(process, `extra operand ${quote(process, o.operands[0])}`)
    if (o.ignore !== undefined && !/^\d+$/.test(o.ignore)) return complain(process, `invalid number: ${quote(process, o.ignore)}`).then(() => 1)
    let count = 2
    try {
      count = process.files.readText('/proc/cpuinfo').split('\n').filter((line) => line.startsWith('processor')).length || 1
    } catch (error) {
      if (!isErrno(error)) throw error
    }
    await print(process, `${Math.max(1, count - Number(o.ignore ?? 0))}\n`)
    return 0
  },
})

const tty = defineProgram({
  name: 'tty',
  usage: '[OPTION]...',
  flags: { silent: flag('-s', '--silent', '--quiet') },
  usageExit: 2,
  async run(process, o) {
    if (o.operands[0] !== undefined) return usageFailure(process, `extra operand ${quote(process, o.operands[0])}`, 2)
    const file = process.descriptors().get(0)
    const name = file?.kind === 'tty' ? (file.tty?.name ?? file.description) : undefined
    if (!o.silent) await print(process, `${name === undefined ? 'not a tty' : name.startsWith('/') ? name : `/dev/${name}`}\n`)
    return name === undefined ? 1 : 0
  },
})

const hostid = defineProgram({ name: 'hostid', usage: '[OPTION]', flags: {}, run: withoutOperands(async (process) => print(process, '007f0101\n')) })

export const whoPrograms: readonly Program[] = [id, whoami, groups, logname, users, uname, arch, nproc, tty, hostid]
