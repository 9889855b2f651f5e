/** `kill` and `killall`: signals for processes by number and by name. */
import { isErrno } from '#engine/linux/abi/errno'
import { flag, option, parseFlags, UsageError } from '#engine/linux/abi/flags'
import type { Process, ProcessEntry } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { parseSignal, type Signal, signalNumbers } from '#engine/linux/abi/signals'
import { userName } from '#engine/linux/users/accounts'
import { killallUsage, killUsage } from './usage.table'

export const kill: Program = {
  name: 'kill',
  async run(process) {
    const args = process.argv.slice(1)
    const list = /^(?:-l|--list=?)(.*)$/.exec(args[0] ?? '')
    if (list) return listSignals(process, list[1] || args[1])
    if (args[0] === '-L' || args[0] === '--table') return writeTable(process)
    const { signal, rest } = takeSignal(args)
    if (!signal || rest.length === 0) return wrongUsage(process, args)
    let code = 0
    for (const target of rest) {
      if (!/^-?\d+$/.test(target)) {
        await process.stderr.write(`${called(process)}: failed to parse argument: '${target}'\n`)
        code = 1
        continue
      }
      try {
        process.kill(Number(target), signal === 'zero' ? 0 : signal)
      } catch (error) {
        if (!isErrno(error)) throw error
        await process.stderr.write(`${called(process)}: (${target}): ${error.message}\n`)
        code = 1
      }
    }
    return code
  },
}

/** As it was called: procps names itself so. */
function called(process: Process): string {
  return process.argv[0] ?? 'kill'
}

async function wrongUsage(process: Process, args: readonly string[]): Promise<number> {
  const letter = /^--?([a-zA-Z0-9])/.exec(args[0] ?? '')?.[1]
  const isSignal = parseSignal((args[0] ?? '').slice(1)) !== undefined || ['-s', '--signal'].includes(args[0] ?? '')
  const bad = isSignal && args.length > 1 ? undefined : letter
  await process.stderr.write(bad !== undefined && !(isSignal && letter !== 's') ? `${called(process)}: invalid argument ${args[0]?.startsWith('--') && letter !== 's' ? ' ' : bad}\n\n${killUsage.trimStart()}` : killUsage)
  return 1
}

/** Seven to a line, as `-L` shows them. */
async function writeTable(process: Process): Promise<number> {
  const cells = (Object.entries(signalNumbers)).map(([name, number]) => `${String(number).padStart(2)} ${(name === 'SIGIO' ? 'POLL' : name.slice(3)).padEnd(7)}`)
  const lines = Array.from({ length: Math.ceil(cells.length / 7) }, (_, row) => cells.slice(row * 7, row * 7 + 7).join(' '))
  await process.stdout.write(lines.map((line, row) => `${row < lines.length - 1 ? line.trimEnd() : line.replace(/ $/, '')}\n`).join(''))
  return 0
}

/** As procps and psmisc write them: sixteen to a line, and IO by its other name. */
function signalNames(): string {
  const names = (Object.keys(signalNumbers) as Signal[]).map((name) => (name === 'SIGIO' ? 'POLL' : name.slice(3)))
  return `${names.slice(0, 16).join(' ')}\n${names.slice(16).join(' ')}\n`
}

async function listSignals(process: Process, number: string | undefined): Promise<number> {
  if (number !== undefined) {
    const signal = parseSignal(number)
    if (signal) await process.stdout.write(`${/^\d/.test(number) ? signal.slice(3) : signalNumbers[signal]}\n`)
    else await process.stderr.write(`${called(process)}: unknown signal name ${number}\n`)
    return 0
  }
  await process.stdout.write(signalNames())
  return 0
}

function takeSignal(args: readonly string[]): { signal: Signal | 'zero' | undefined; rest: string[] } {
  const [first = '', second = ''] = args
  const named = (text: string): Signal | 'zero' | undefined => (text === '0' ? 'zero' : parseSignal(text))
  if (/^-s./.test(first)) return { signal: named(first.slice(2)), rest: args.slice(1) }
  if (first === '-s' || first === '--signal') return { signal: named(second), rest: args.slice(2) }
  if (first === '--') return { signal: 'SIGTERM', rest: args.slice(1) }
  if (/^-[A-Za-z]/.test(first) || (/^-\d+$/.test(first) && args.length > 1)) return { signal: named(first.slice(1)), rest: args.slice(1).filter((arg) => arg !== '--') }
  return { signal: 'SIGTERM', rest: [...args] }
}

const flags = {
  exact: flag('-e', '--exact'), ignoreCase: flag('-I', '--ignore-case'), interactive: flag('-i', '--interactive'), list: flag('-l', '--list'), quiet: flag('-q', '--quiet'), regexp: flag('-r', '--regexp'), signal: option('-s', '--signal'),
  user: option('-u', '--user'), verbose: flag('-v', '--verbose'), wait: flag('-w', '--wait'), group: flag('-g', '--process-group'),
}

export const killall: Program = {
  name: 'killall',
  async run(process) {
    try {
      return await runKillall(process)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      await process.stderr.write(killallUsage)
      return 1
    }
  },
}

async function runKillall(process: Process): Promise<number> {
  const args = process.argv.slice(1)
  const given = args.find((arg) => /^-(?:[A-Z0-9]{2,}|\d)$/.test(arg))
  const { values, operands } = parseFlags(flags, args.filter((arg) => arg !== given), false)
  if (values.list) return listSignals(process, undefined)
  const named = values.signal ?? given?.slice(1) ?? 'TERM'
  const signal = parseSignal(named)
  if (!signal) {
    await process.stderr.write(`${named}: unknown signal; killall -l lists signals.\n`)
    return 1
  }
  if (operands.length === 0 && values.user === undefined) throw new UsageError('no names')
  let code = 0
  for (const name of operands) code = (await killNamed(process, name, signal, values)) || code
  return code
}

async function killNamed(process: Process, name: string, signal: Signal, values: { regexp: boolean; ignoreCase: boolean; quiet: boolean; verbose: boolean; user: string | undefined; wait: boolean }): Promise<number> {
  const same = (entry: ProcessEntry): boolean => {
    if (values.regexp) return new RegExp(name, values.ignoreCase ? 'i' : '').test(entry.command)
    return values.ignoreCase ? entry.command.toLowerCase() === name.slice(0, 15).toLowerCase() : entry.command === name.slice(0, 15)
  }
  const found = process.processes().filter((entry) => entry.pid !== process.pid && entry.state !== 'Z' && same(entry) && (values.user === undefined || userName(process.files, entry.uid) === values.user))
  if (found.length === 0) {
    if (!values.quiet) await process.stderr.write(`${name}: no process found\n`)
    return 1
  }
  let code = 0
  for (const entry of found) {
    try {
      process.kill(entry.pid, signal)
      if (values.verbose) await process.stderr.write(`Killed ${entry.command}(${entry.pid}) with signal ${signalNumbers[signal]}\n`)
    } catch (error) {
      if (!isErrno(error)) throw error
      await process.stderr.write(`${entry.command}(${entry.pid}): ${error.message}\n`)
      code = 1
    }
  }
  while (values.wait && process.processes().some((entry) => found.some((each) => each.pid === entry.pid && entry.state !== 'Z'))) await process.clock.sleep(100)
  return code
}
