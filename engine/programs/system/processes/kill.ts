/** `pidof`, `pstree`, `fuser`. */
import { flag, list, option, parseFlags, UsageError } from '#engine/linux/abi/flags'
import type { Process, ProcessEntry } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { socketRows } from '#engine/programs/common/socketrows'
import { userName } from '#engine/linux/users/accounts'

export const pidof: Program = {
  name: 'pidof',
  async run(process) {
    const { values, operands } = parseFlags({ single: flag('-s'), quiet: flag('-q'), scripts: flag('-x'), check: flag('-c'), kernel: flag('-w'), no: flag('-n'), zombies: flag('-z'), separator: option('-d', '-S'), omit: list('-o') }, process.argv.slice(1), false)
    const names = operands.map((name) => (name.includes('/') ? name : (name.split('/').pop() ?? name)))
    const omitted = new Set(values.omit.flatMap((text) => text.split(',')).map((pid) => (pid === '%PPID' ? process.ppid : Number(pid))))
    const isNamed = (entry: ProcessEntry): boolean => names.some((name) => entry.command === name.slice(0, 15) || entry.argv[0] === name || entry.argv[0]?.split('/').pop() === name || (values.scripts && entry.argv[1]?.split('/').pop() === name))
    const pids = process.processes().filter((entry) => entry.pid !== process.pid && entry.state !== 'Z' && !omitted.has(entry.pid) && isNamed(entry)).map((entry) => entry.pid).sort((a, b) => b - a)
    const shown = values.single ? pids.slice(0, 1) : pids
    if (shown.length > 0 && !values.quiet) await process.stdout.write(`${shown.join(values.separator ?? ' ')}\n`)
    return shown.length > 0 ? 0 : 1
  },
}

export const pstree: Program = {
  name: 'pstree',
  async run(process) {
    const { values, operands } = parseFlags({ arguments: flag('-a', '--arguments'), pids: flag('-p', '--show-pids'), ascii: flag('-A', '--ascii'), unicode: flag('-U', '--unicode'), long: flag('-l', '--long'), sort: flag('-n', '--numeric-sort'), full: flag('-c', '--compact-not'), parents: flag('-s', '--show-parents'), user: flag('-u', '--uid-changes'), threads: flag('-T', '--hide-threads'), highlight: flag('-h'), namespaces: flag('-S', '--ns-changes'), thread: flag('-t') }, process.argv.slice(1), false)
    const all = process.processes()
    const wanted = operands[0]
    const roots = wanted === undefined ? all.filter((entry) => entry.pid === 1) : /^\d+$/.test(wanted) ? all.filter((entry) => entry.pid === Number(wanted)) : all.filter((entry) => userName(process.files, entry.uid) === wanted && !all.some((each) => each.pid === entry.ppid && each.uid === entry.uid))
    if (roots.length === 0) {
      if (wanted !== undefined && !/^\d+$/.test(wanted)) await process.stderr.write(`No such user name: ${wanted}\n`)
      return 1
    }
    for (const root of roots) await process.stdout.write(tree(all, root, values).map((line) => `${line}\n`).join(''))
    return 0
  },
}

function tree(all: readonly ProcessEntry[], entry: ProcessEntry, values: { arguments: boolean; pids: boolean; full: boolean }): string[] {
  const suffix = values.pids ? `(${entry.pid})` : ''
  const name = values.arguments ? [entry.command + (values.pids ? `,${entry.pid}` : ''), ...entry.argv.slice(1)].join(' ') : `${entry.command}${suffix}`
  const children = all.filter((each) => each.ppid === entry.pid)
  if (children.length === 0) return [name]
  const blocks = compact(children.map((child) => tree(all, child, values)), values.pids || values.full || values.arguments)
  if (values.arguments) return [name, ...blocks.flatMap((block, index) => indent(block, index === blocks.length - 1 ? '  └─' : '  ├─', index === blocks.length - 1 ? '    ' : '  │ '))]
  const pad = ' '.repeat(name.length)
  return blocks.flatMap((block, index) => {
    const last = index === blocks.length - 1
    const joint = blocks.length === 1 ? '───' : index === 0 ? '─┬─' : last ? ' └─' : ' ├─'
    return indent(block, (index === 0 ? name : pad) + joint, pad + (last ? '   ' : ' │ '))
  })
}

/** Equal subtrees are shown once, with their number. */
function compact(blocks: string[][], apart: boolean): string[][] {
  if (apart) return blocks
  const counts = new Map<string, number>()
  for (const block of blocks) counts.set(block.join('\n'), (counts.get(block.join('\n')) ?? 0) + 1)
  return [...counts].map(([text, count]) => (count === 1 ? text.split('\n') : text.split('\n').map((line, index) => (index === 0 ? `${count}*[${line}]` : line))))
}

function indent(lines: readonly string[], first: string, rest: string): string[] {
  return lines.map((line, index) => (index === 0 ? first : rest) + line)
}

export const fuser: Program = {
  name: 'fuser',
  unsupported: '-v, -M',
  async run(process) {
    try {
      const { values, operands } = parseFlags({ kill: flag('-k', '--kill'), verbose: flag('-v', '--verbose'), mount: flag('-m', '--mount'), silent: flag('-s', '--silent'), user: flag('-u', '--user'), all: flag('-a', '--all'), namespace: option('-n', '--namespace'), interactive: flag('-i') }, process.argv.slice(1), false)
      if (operands.length === 0) {
        await process.stderr.write('No process specification given\n')
        return 1
      }
      let found = false
      for (const operand of operands) found = (await tellHolders(process, operand, values)) || found
      return found ? 0 : 1
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      await process.stderr.write(`fuser: ${error.message}\n`)
      return 1
    }
  },
}

async function tellHolders(process: Process, operand: string, wishes: { readonly namespace: string | undefined; readonly mount: boolean; readonly silent: boolean; readonly kill: boolean }): Promise<boolean> {
  const socket = socketAsked(operand, wishes.namespace)
  if (!socket && !process.files.exists(operand)) {
    await process.stderr.write(`Specified filename ${operand} does not exist.\n`)
    return false
  }
  const users = socket ? socketHolders(process, socket) : holders(process, operand, wishes.mount)
  if (users.length === 0) return false
  if (!wishes.silent) {
    await process.stderr.write(`${socket ? `${socket.port}/${socket.protocol}` : process.files.realpath(operand)}:`.padEnd(21))
    for (const { pid, access } of users) {
      await process.stdout.write(String(pid).padStart(6))
      await process.stderr.write(access)
    }
    await process.stderr.write('\n')
  }
  if (wishes.kill) for (const { pid } of users) process.kill(pid, 'SIGKILL')
  return true
}

/** `PORT/tcp`, or a port where `-n tcp` names the kind. */
function socketAsked(operand: string, namespace: string | undefined): { readonly port: string; readonly protocol: string } | undefined {
  const [, port, protocol = namespace] = /^(\d+)(?:\/(tcp|udp))?$/.exec(operand) ?? []
  return port === undefined || (protocol !== 'tcp' && protocol !== 'udp') ? undefined : { port, protocol }
}

function socketHolders(process: Process, { port, protocol }: { readonly port: string; readonly protocol: string }): { pid: number; access: string }[] {
  const pids = socketRows(process).flatMap((row) => (row.netid === protocol && row.local[1] === port && row.owner ? [row.owner.pid] : []))
  return [...new Set(pids)].sort((a, b) => a - b).map((pid) => ({ pid, access: '' }))
}

function holders(process: Process, path: string, wholeMount: boolean): { pid: number; access: string }[] {
  const wanted = process.files.stat(path)
  const out: { pid: number; access: string }[] = []
  for (const entry of process.processes()) {
    let access = ''
    const same = (link: string): boolean => {
      const stat = process.files.exists(link)
      return stat !== undefined && stat.dev === wanted.dev && (wholeMount || stat.ino === wanted.ino)
    }
    const base = `/proc/${entry.pid}`
    if (entry.pid === process.pid || !process.files.exists(base)) continue
    if (same(`${base}/cwd`)) access += 'c'
    if (same(`${base}/exe`)) access += 'e'
    if (process.files.readDirectory(`${base}/fd`).some((fd) => same(`${base}/fd/${fd.name}`))) access += access === '' ? '' : 'f'
    else if (access === '') continue
    out.push({ pid: entry.pid, access })
  }
  return out
}
