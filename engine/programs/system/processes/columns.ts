/** The columns ps knows: heading, width, text of a process. */
import type { Process, ProcessEntry } from '#engine/linux/abi/process'
import { groups, users } from '#engine/linux/users/accounts'

export interface PsRow extends ProcessEntry {
  /** For a tree: what stands before the command. */
  indent: string
}

export interface PsContext {
  readonly nowMs: number
  readonly bootedAtMs: number
  readonly totalMemory: number
  readonly userNames: ReadonlyMap<number, string>
  readonly groupNames: ReadonlyMap<number, string>
  readonly gidOfUid: ReadonlyMap<number, number>
  /** Foreground group by terminal. */
  readonly foreground: ReadonlyMap<string, number>
}

export interface PsColumn {
  readonly heading: string
  readonly width: number
  readonly align: 'left' | 'right'
  text(row: PsRow, context: PsContext): string
  /** For sorting, where the text is not it. */
  key?(row: PsRow, context: PsContext): number | string
}

export function contextOf(process: Process): PsContext {
  const stat = process.files.readText('/proc/stat')
  const memory = Number(/MemTotal:\s+(\d+)/.exec(process.files.readText('/proc/meminfo'))?.[1] ?? 1) * 1024
  const all = users(process.files)
  const foreground = new Map<string, number>()
  for (const entry of process.processes()) {
    if (entry.tty === undefined || foreground.has(entry.tty)) continue
    const fields = process.files.exists(`/proc/${entry.pid}/stat`) ? process.files.readText(`/proc/${entry.pid}/stat`).split(') ')[1]?.split(' ') : undefined
    foreground.set(entry.tty, Number(fields?.[5] ?? -1))
  }
  return {
    nowMs: process.clock.now(),
    bootedAtMs: Number(/^btime (\d+)/m.exec(stat)?.[1] ?? 0) * 1000,
    totalMemory: memory,
    userNames: new Map(all.map((user) => [user.uid, user.name])),
    groupNames: new Map(groups(process.files).map((group) => [group.gid, group.name])),
    gidOfUid: new Map(all.map((user) => [user.uid, user.gid])),
    foreground,
  }
}

const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')

/** `00:00:01`, with days in front where there are any. */
export function longTime(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const days = Math.floor(seconds / 86400)
  return `${days > 0 ? `${days}-` : ''}${two((seconds / 3600) % 24)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`
}

function bsdTime(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`
}

export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const days = Math.floor(seconds / 86400)
  const hours = Math.floor(seconds / 3600) % 24
  return `${days > 0 ? `${days}-` : ''}${days > 0 || hours > 0 ? `${two(hours)}:` : ''}${two((seconds / 60) % 60)}:${two(seconds % 60)}`
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

function startTime(row: PsRow, context: PsContext): string {
  const date = new Date(row.startedAtMs)
  const now = new Date(context.nowMs)
  if (date.getUTCFullYear() !== now.getUTCFullYear()) return String(date.getUTCFullYear())
  if (date.toISOString().slice(0, 10) !== now.toISOString().slice(0, 10)) return `${months[date.getUTCMonth()]}${two(date.getUTCDate())}`
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`
}

function longStart(ms: number): string {
  const date = new Date(ms)
  return `${weekdays[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} ${date.getUTCFullYear()}`
}

function short(name: string, width: number): string {
  return name.length > width ? `${name.slice(0, width - 1)}+` : name
}

export function commandLine(row: ProcessEntry): string {
  return row.argv.length === 0 || row.state === 'Z' ? `[${row.command}]${row.state === 'Z' ? ' <defunct>' : ''}` : row.argv.join(' ')
}

function cpuShare(row: PsRow, context: PsContext): number {
  const lived = Math.max(1, context.nowMs - row.startedAtMs)
  return Math.min(999, (row.cpuMs / lived) * 100)
}

function statText(row: PsRow, context: PsContext): string {
  const leads = row.session === row.pid ? 's' : ''
  const front = row.tty !== undefined && context.foreground.get(row.tty) === row.processGroup ? '+' : ''
  const nice = row.nice < 0 ? '<' : row.nice > 0 ? 'N' : ''
  return `${row.state}${nice}${leads}${front}`
}

const terminal = (row: PsRow): string => row.tty?.replace('/dev/', '') ?? '?'
const userOf = (row: PsRow, context: PsContext): string => context.userNames.get(row.uid) ?? String(row.uid)
const groupOf = (row: PsRow, context: PsContext): string => {
  const gid = context.gidOfUid.get(row.uid) ?? row.uid
  return context.groupNames.get(gid) ?? String(gid)
}
const kib = (row: PsRow): number => Math.round(row.memoryBytes / 1024)

function right(heading: string, width: number, value: (row: PsRow, context: PsContext) => number | string): PsColumn {
  return { heading, width, align: 'right', text: (row, context) => String(value(row, context)), key: (row, context) => value(row, context) }
}

function left(heading: string, width: number, value: (row: PsRow, context: PsContext) => string): PsColumn {
  return { heading, width, align: 'left', text: value }
}

const user = (heading: string): PsColumn => left(heading, 8, (row, context) => short(userOf(row, context), 8))
const command = (heading: string): PsColumn => left(heading, 27, (row) => row.indent + commandLine(row))
const comm = (heading: string): PsColumn => left(heading, 15, (row) => row.indent + row.command + (row.state === 'Z' ? ' <defunct>' : ''))
const time: PsColumn = { heading: 'TIME', width: 8, align: 'right', text: (row) => longTime(row.cpuMs), key: (row) => row.cpuMs }
const cpu: PsColumn = { heading: '%CPU', width: 4, align: 'right', text: (row, context) => cpuShare(row, context).toFixed(1), key: cpuShare }
const memory: PsColumn = { heading: '%MEM', width: 4, align: 'right', text: (row, context) => ((row.memoryBytes / context.totalMemory) * 100).toFixed(1), key: (row) => row.memoryBytes }

export const columns: Readonly<Record<string, PsColumn>> = {
  pid: right('PID', 7, (row) => row.pid), tgid: right('TGID', 7, (row) => row.pid), ppid: right('PPID', 7, (row) => row.ppid), pgid: right('PGID', 7, (row) => row.processGroup), pgrp: right('PGRP', 7, (row) => row.processGroup),
  sid: right('SID', 7, (row) => row.session), sess: right('SESS', 7, (row) => row.session), lwp: right('LWP', 7, (row) => row.pid), spid: right('SPID', 7, (row) => row.pid), tid: right('TID', 7, (row) => row.pid), tpgid: right('TPGID', 7, (row, context) => (row.tty === undefined ? -1 : (context.foreground.get(row.tty) ?? -1))),
  user: user('USER'), euser: user('EUSER'), ruser: user('RUSER'), uname: user('USER'), suser: user('SUSER'), uid_name: user('UID'), uid: right('UID', 5, (row) => row.uid), euid: right('EUID', 5, (row) => row.uid), ruid: right('RUID', 5, (row) => row.uid),
  group: left('GROUP', 8, (row, context) => short(groupOf(row, context), 8)), egroup: left('EGROUP', 8, (row, context) => short(groupOf(row, context), 8)), gid: right('GID', 5, (row, context) => context.gidOfUid.get(row.uid) ?? row.uid), egid: right('EGID', 5, (row, context) => context.gidOfUid.get(row.uid) ?? row.uid),
  tty: left('TTY', 8, terminal), tt: left('TT', 8, terminal), tname: left('TTY', 8, terminal), time, cputime: time, bsdtime: { ...time, width: 6, text: (row) => bsdTime(row.cpuMs) }, times: right('TIME', 8, (row) => Math.floor(row.cpuMs / 1000)), cputimes: right('TIME', 8, (row) => Math.floor(row.cpuMs / 1000)),
  cmd: command('CMD'), args: command('COMMAND'), command: command('COMMAND'), comm: comm('COMMAND'), ucmd: comm('CMD'), ucomm: comm('COMMAND'), exe: left('EXE', 27, (row) => row.argv[0] ?? '-'), fname: left('COMMAND', 8, (row) => row.command.slice(0, 8)),
  '%cpu': cpu, pcpu: cpu, c: right('C', 2, (row, context) => Math.floor(cpuShare(row, context))), '%mem': memory, pmem: memory, vsz: right('VSZ', 6, (row) => kib(row) * 3), vsize: right('VSZ', 6, (row) => kib(row) * 3), rss: right('RSS', 5, kib), rssize: right('RSS', 5, kib), rsz: right('RSZ', 5, kib), sz: right('SZ', 5, (row) => Math.round((kib(row) * 3) / 4)), size: right('SIZE', 5, kib),
  stat: left('STAT', 4, statText), state: left('S', 1, (row) => row.state), s: left('S', 1, (row) => row.state), f: left('F', 1, () => '4'), flags: left('F', 1, () => '4'), wchan: left('WCHAN', 6, () => '-'), addr: left('ADDR', 4, () => '-'),
  start: right('STARTED', 8, startTime), start_time: left('START', 5, startTime), bsdstart: left('START', 6, startTime), stime: left('STIME', 5, startTime), lstart: left('STARTED', 24, (row) => longStart(row.startedAtMs)),
  etime: { heading: 'ELAPSED', width: 11, align: 'right', text: (row, context) => elapsed(context.nowMs - row.startedAtMs), key: (row, context) => context.nowMs - row.startedAtMs }, etimes: right('ELAPSED', 7, (row, context) => Math.max(0, Math.floor((context.nowMs - row.startedAtMs) / 1000))),
  ni: right('NI', 3, (row) => row.nice), nice: right('NI', 3, (row) => row.nice), pri: right('PRI', 3, (row) => 19 - row.nice), priority: right('PRI', 3, (row) => 20 + row.nice), opri: right('PRI', 3, (row) => 80 + row.nice), rtprio: right('RTPRIO', 6, () => '-'), cls: left('CLS', 3, () => 'TS'), class: left('CLS', 3, () => 'TS'), psr: right('PSR', 3, (row) => row.pid % 2),
  nlwp: right('NLWP', 4, () => 1), thcount: right('THCNT', 5, () => 1), cgroup: left('CGROUP', 27, (row) => `0::${row.cgroup}`), unit: left('UNIT', 31, (row) => unitOf(row.cgroup)), slice: left('SLICE', 31, (row) => row.cgroup.split('/').findLast((part) => part.endsWith('.slice')) ?? '-'), label: left('LABEL', 31, () => 'unconfined'), lsession: left('SESSION', 11, () => '-'), machine: left('MACHINE', 31, () => '-'),
}

function unitOf(cgroup: string): string {
  return cgroup.split('/').findLast((part) => part.endsWith('.service') || part.endsWith('.scope')) ?? '-'
}
