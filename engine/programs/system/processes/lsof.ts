/** `lsof`: open files of processes. */
import { flag, list, option, optional, parseFlags, UsageError } from '#engine/linux/abi/flags'
import { Errno } from '#engine/linux/abi/errno'
import type { Stat } from '#engine/linux/abi/files'
import type { Process, ProcessEntry } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { listInternet } from './lsof-internet'
import { userName } from '#engine/linux/users/accounts'

interface Row {
  readonly entry: ProcessEntry
  readonly fd: string
  readonly stat: Stat | undefined
  readonly name: string
}

export const lsof: Program = {
  name: 'lsof',
  unsupported: '+D, -F fields, locks',
  async run(process) {
    try {
      const { values, operands } = parseFlags({ pids: list('-p'), command: list('-c'), user: list('-u'), terse: flag('-t'), internet: optional('-i'), numeric: flag('-n'), ports: flag('-P'), and: flag('-a'), fd: option('-d'), directory: option('+D', '+d'), list: flag('-l'), unix: flag('-U'), link: flag('-w'), state: option('-s') }, joined(process.argv.slice(1)), false)
      for (const path of operands)
        if (!process.files.exists(path)) {
          await process.stderr.write(`lsof: status error on ${path}: No such file or directory\n`)
          return 1
        }
      if (values.internet !== undefined) return await listInternet(process, { filter: values.internet, state: values.state, numericPorts: values.ports, numericHosts: values.numeric, terse: values.terse })
      return await show(process, select(process, values, operands), values.terse)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      await process.stderr.write(`lsof: illegal option character: ${error.message.slice(-2, -1)}\nlsof 4.95.0\n usage: [-?abhKlnNoOPRtUvVX] [+|-c c] [+|-d s] [+D D] [-i [i]] [-p s] [-u s] [--] [names]\nUse the \`\`-h'' option to get more help information.\n`)
      return 1
    }
  },
}

function select(process: Process, values: { pids: readonly string[]; command: readonly string[]; user: readonly string[] }, operands: readonly string[]): Row[] {
  const pids = values.pids.flatMap((text) => text.split(',')).map(Number)
  const targets = operands.map((path) => process.files.stat(path))
  return process.processes()
    .filter((entry) => entry.pid !== process.pid && entry.state !== 'Z' && (pids.length === 0 || pids.includes(entry.pid)) && (values.command.length === 0 || values.command.some((name) => entry.command.startsWith(name))) && (values.user.length === 0 || values.user.includes(userName(process.files, entry.uid))))
    .flatMap((entry) => openFiles(process, entry))
    .flatMap((row) => {
      if (targets.length === 0) return [row]
      const at = targets.findIndex((target) => row.stat?.dev === target.dev && row.stat.ino === target.ino)
      return at < 0 ? [] : [{ ...row, name: operands[at] ?? row.name }]
    })
}

function openFiles(process: Process, entry: ProcessEntry): Row[] {
  const base = `/proc/${entry.pid}`
  const row = (fd: string, link: string): Row[] => {
    try {
      return [{ entry, fd, stat: process.files.exists(link), name: process.files.readlink(link) }]
    } catch (error) {
      if (error instanceof Errno) return []
      throw error
    }
  }
  const fds = process.files.exists(`${base}/fd`) ? process.files.readDirectory(`${base}/fd`).map((each) => each.name) : []
  return [...row('cwd', `${base}/cwd`), ...row('rtd', `${base}/root`), ...row('txt', `${base}/exe`), ...fds.flatMap((fd) => row(`${fd}u`, `${base}/fd/${fd}`))]
}

const types: Readonly<Record<string, string>> = { file: 'REG', directory: 'DIR', fifo: 'FIFO', socket: 'sock', character: 'CHR', block: 'BLK', symlink: 'LINK' }

async function show(process: Process, rows: readonly Row[], terse: boolean): Promise<number> {
  if (rows.length === 0) return 1
  if (terse) {
    await process.stdout.write([...new Set(rows.map((row) => row.entry.pid))].map((pid) => `${pid}\n`).join(''))
    return 0
  }
  const cells = rows.map(({ entry, fd, stat, name }) => [entry.command.slice(0, 9), String(entry.pid), userName(process.files, entry.uid), fd, types[stat?.type ?? ''] ?? 'unknown', stat ? `${253},${stat.dev & 0xff}` : '', stat && stat.type === 'file' ? String(stat.size) : '0t0', String(stat?.ino ?? ''), name])
  const heads = ['COMMAND', 'PID', 'USER', 'FD', 'TYPE', 'DEVICE', 'SIZE/OFF', 'NODE', 'NAME']
  const widths = heads.map((head, index) => Math.max(head.length, ...cells.map((row) => (row[index] ?? '').length)))
  const rightAligned = new Set([1, 2, 4, 5, 6, 7])
  const line = (row: readonly string[]): string => row.map((cell, index) => (index === row.length - 1 ? cell : rightAligned.has(index) ? cell.padStart(widths[index] ?? 0) : index === 3 ? cell.padStart((widths[index] ?? 0) + 1) : cell.padEnd(widths[index] ?? 0))).join(' ')
  await process.stdout.write([heads, ...cells].map((row) => `${line(row)}\n`).join(''))
  return 0
}

/** The address after `-i` may stand apart; what begins like a path or an option is not one. */
function joined(args: readonly string[]): string[] {
  const out: string[] = []
  for (const [at, arg] of args.entries()) {
    if (args[at - 1] === '-i' && isAddress(arg)) out[out.length - 1] = `-i${arg}`
    else out.push(arg)
  }
  return out
}

function isAddress(text: string): boolean {
  return /^([46]?(tcp|udp)?(@[^:]+)?(:.+)?)$/i.test(text) && text !== ''
}
