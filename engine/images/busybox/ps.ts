/** busybox's ps: every process of the namespace, whatever the flags; `-o` chooses columns. */
import type { Process, ProcessEntry } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { users } from '#engine/linux/users/accounts'

interface Column {
  readonly heading: string
  readonly width: number
  text(entry: ProcessEntry, userNames: ReadonlyMap<number, string>): string
}

const columns: Readonly<Record<string, Column>> = {
  pid: { heading: 'PID', width: 5, text: (entry) => String(entry.pid).padStart(5) },
  ppid: { heading: 'PPID', width: 5, text: (entry) => String(entry.ppid).padStart(5) },
  pgid: { heading: 'PGID', width: 5, text: (entry) => String(entry.processGroup).padStart(5) },
  sid: { heading: 'SID', width: 5, text: (entry) => String(entry.session).padStart(5) },
  user: { heading: 'USER', width: 8, text: (entry, names) => names.get(entry.uid) ?? String(entry.uid) },
  time: { heading: 'TIME', width: 5, text: (entry) => minutes(entry.cpuMs).padStart(5) },
  stat: { heading: 'STAT', width: 4, text: (entry) => entry.state },
  rss: { heading: 'RSS', width: 4, text: (entry) => String(Math.round(entry.memoryBytes / 1024)).padStart(4) },
  comm: { heading: 'COMMAND', width: 16, text: (entry) => entry.command },
  args: { heading: 'COMMAND', width: 27, text: (entry) => (entry.argv.length > 0 ? entry.argv.join(' ') : `[${entry.command}]`) },
}

function minutes(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

export const busyboxPs: Program = {
  name: 'busybox-ps',
  unsupported: '-o columns beyond pid, ppid, pgid, sid, user, time, stat, rss, comm and args; -T',
  async run(process) {
    const chosen = chosenColumns(process.argv.slice(1))
    if (typeof chosen === 'string') {
      await process.stderr.write(`ps: bad -o argument '${chosen}', supported arguments: ${Object.keys(columns).join(',')}\n`)
      return 1
    }
    await process.stdout.write(table(process, chosen))
    return 0
  },
}

/** Or the name that is no column. */
function chosenColumns(args: readonly string[]): readonly Column[] | string {
  const names = args.flatMap((arg, index) => (args[index - 1] === '-o' ? arg.split(',') : arg.startsWith('-o') && arg.length > 2 ? arg.slice(2).split(',') : []))
  const wanted = names.length > 0 ? names : ['pid', 'user', 'time', 'args']
  const unknown = wanted.find((name) => columns[name] === undefined)
  return unknown ?? wanted.map((name) => columns[name]).filter((column) => column !== undefined)
}

function table(process: Process, chosen: readonly Column[]): string {
  const names = new Map(users(process.files).map((user) => [user.uid, user.name]))
  const line = (cells: readonly string[]): string => `${cells.map((cell, index) => (index === cells.length - 1 ? cell : cell.padEnd(chosen[index]?.width ?? 0))).join(' ')}\n`
  const rows = [...process.processes()].sort((a, b) => a.pid - b.pid).map((entry) => line(chosen.map((column) => column.text(entry, names))))
  return line(chosen.map((column) => column.heading)) + rows.join('')
}
