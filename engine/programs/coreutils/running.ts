/** env, printenv, sleep, timeout, nohup, nice, stdbuf, yes, true, false, time-limited and environment-changing starts. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, list, option } from '#engine/linux/abi/flags'
import { exitCodeOf, type ExitStatus, parseSignal, signalNumbers, type Signal } from '#engine/linux/abi/signals'
import { complain, print, programName, quote, quoteName, reason, usageFailure } from '#engine/programs/common/gnu'
import { isBusybox } from '#engine/programs/common/busybox'

/** The executable of a name along PATH. */
export function which(process: Process, name: string, path = process.env.get('PATH') ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'): string | undefined {
  if (name.includes('/')) return name
  for (const directory of path.split(':')) {
    const candidate = `${directory || '.'}/${name}`
    try {
      if (process.files.exists(candidate)?.type === 'file' && process.files.access(candidate, { execute: true })) return candidate
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }
  return undefined
}

/** Becomes a command; the complaint's form is the caller's. */
export async function become(process: Process, words: readonly string[], env: ReadonlyMap<string, string>, message: (name: string, text: string) => string): Promise<number> {
  const name = words[0] as string
  const path = which(process, name, env.get('PATH') ?? process.env.get('PATH'))
  try {
    if (path === undefined) {
      await complain(process, message(name, 'No such file or directory'))
      return 127
    }
    return await process.exec(path, words, env)
  } catch (error) {
    if (isErrno(error, 'ENOEXEC')) return process.exec('/bin/sh', ['sh', path as string, ...words.slice(1)], env)
    await complain(process, message(name, reason(error)))
    return isErrno(error, 'ENOENT') ? 127 : 126
  }
}

const env = defineProgram({
  name: 'env',
  flags: { ignore: flag('-i', '--ignore-environment'), zero: flag('-0', '--null'), unset: list('-u', '--unset'), directory: option('-C', '--chdir'), split: option('-S', '--split-string'), verbose: flag('-v', '--debug') },
  stopAtOperand: true,
  usageExit: 125,
  rewrite: (args) => (args[0] === '-' ? ['-i', ...args.slice(1)] : args),
  async run(process, o) {
    const next = new Map(o.ignore ? [] : process.env)
    for (const name of o.unset) next.delete(name)
    const words = [...(o.split?.trim().split(/\s+/) ?? []), ...o.operands]
    while (words[0]?.includes('=')) {
      const word = words.shift() as string
      next.set(word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1))
    }
    if (words.length === 0) {
      await print(process, [...next].map(([name, value]) => `${name}=${value}${o.zero ? '\0' : '\n'}`).join(''))
      return 0
    }
    if (o.directory !== undefined) {
      try {
        process.chdir(o.directory)
      } catch (error) {
        await complain(process, `cannot change directory to ${quote(process, o.directory)}: ${reason(error)}`)
        return 125
      }
    }
    const status = await become(process, words, next, (name, text) => `${quote(process, name)}: ${text}`)
    if (status === 127 && o.split === undefined && words[0]?.includes(' ') && which(process, words[0]) === undefined) await complain(process, 'use -[v]S to pass options in shebang lines')
    return status
  },
})

const printenv = defineProgram({
  name: 'printenv',
  flags: { zero: flag('-0', '--null') },
  usageExit: 2,
  async run(process, o) {
    const end = o.zero ? '\0' : '\n'
    if (o.operands.length === 0) {
      await print(process, [...process.env].map(([name, value]) => `${name}=${value}${end}`).join(''))
      return 0
    }
    let status = 0
    for (const name of o.operands) {
      const value = process.env.get(name)
      if (value === undefined) status = 1
      else await print(process, value + end)
    }
    return status
  },
})

/** `5`, `1.5m`, `2h`; undefined where it is no duration. */
export function parseDuration(text: string): number | undefined {
  if (text === 'infinity' || text === 'inf') return Infinity
  const match = /^\s*\+?(\d*\.?\d*(?:[eE][-+]?\d+)?)([smhd]?)$/.exec(text)
  if (!match || match[1] === '' || match[1] === '.') return undefined
  const units: Readonly<Record<string, number>> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
  return Number(match[1]) * (units[match[2] ?? ''] ?? 1000)
}

const sleep = defineProgram({
  name: 'sleep',
  flags: {},
  async run(process, { operands }) {
    if (operands.length === 0) return usageFailure(process, 'missing operand')
    let total = 0
    let bad = false
    for (const text of operands) {
      const ms = parseDuration(text)
      if (ms === undefined) {
        await complain(process, `invalid time interval ${quote(process, text)}`)
        bad = true
      } else total += ms
    }
    if (bad) {
      await process.stderr.write(`Try '${programName(process)} --help' for more information.\n`)
      return 1
    }
    if (total === Infinity) await new Promise(() => undefined)
    await process.clock.sleep(total)
    return 0
  },
})

const timeout = defineProgram({
  name: 'timeout',
  flags: { foreground: flag('--foreground'), killAfter: option('-k', '--kill-after'), preserve: flag('--preserve-status'), signal: option('-s', '--signal'), verbose: flag('-v', '--verbose') },
  stopAtOperand: true,
  usageExit: 125,
  async run(process, o) {
    const [limit, ...words] = o.operands
    if (limit === undefined || words.length === 0) return process.stderr.write(`Try '${programName(process)} --help' for more information.\n`).then(() => 125)
    const ms = parseDuration(limit)
    if (ms === undefined) return usageFailure(process, `invalid time interval ${quote(process, limit)}`, 125)
    if (o.killAfter !== undefined && parseDuration(o.killAfter) === undefined) return usageFailure(process, `invalid time interval ${quote(process, o.killAfter)}`, 125)
    const signal: Signal | undefined = o.signal === undefined ? 'SIGTERM' : parseSignal(o.signal)
    if (signal === undefined) return usageFailure(process, `${quote(process, o.signal ?? '')}: invalid signal`, 125)
    return runLimited(process, words, ms, signal, o)
  },
})

async function runLimited(process: Process, words: readonly string[], ms: number, signal: Signal, o: { killAfter: string | undefined; preserve: boolean; verbose: boolean; foreground: boolean }): Promise<number> {
  const name = words[0] as string
  const path = which(process, name)
  let child
  try {
    if (path === undefined) {
      await complain(process, `failed to run command ${quote(process, name)}: No such file or directory`)
      return 127
    }
    child = process.spawn(path, words)
  } catch (error) {
    await complain(process, `failed to run command ${quote(process, name)}: ${reason(error)}`)
    return isErrno(error, 'ENOENT') ? 127 : 126
  }
  let expired = false
  const running = child
  const send = (which: Signal): void => {
    try {
      running.kill(which)
      if (which !== 'SIGKILL' && which !== 'SIGCONT') running.kill('SIGCONT')
    } catch (error) {
      if (!isErrno(error, 'ESRCH')) throw error
    }
  }
  const timers: { cancel(): void }[] = []
  if (ms > 0 && ms !== Infinity) {
    timers.push(process.clock.after(ms, () => {
      expired = true
      if (o.verbose) process.background(() => complain(process, `sending signal ${signal.slice(3)} to command ${quote(process, name)}`))
      send(signal)
      // The signal goes to timeout's whole group: this one cannot be caught.
      if (signal === 'SIGKILL' && !o.foreground) process.kill(process.pid, 'SIGKILL')
      const after = o.killAfter === undefined ? undefined : parseDuration(o.killAfter)
      if (after !== undefined) timers.push(process.clock.after(after, () => send('SIGKILL')))
    }))
  }
  for (const passed of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.handle(passed, () => send(passed))
  const status = await child.wait()
  for (const timer of timers) timer.cancel()
  return expired && !o.preserve && !isBusybox(process) ? (status.kind === 'signaled' && status.signal === 'SIGKILL' ? 137 : 124) : endOfCommand(process, status, expired)
}

/** busybox's timeout becomes the command, so its end is always the command's. */
function endOfCommand(process: Process, status: ExitStatus, expired: boolean): number {
  if (status.kind === 'signaled' && !expired) {
    process.handle(status.signal === 'SIGKILL' ? 'SIGTERM' : status.signal, 'default')
    return 128 + signalNumbers[status.signal]
  }
  return exitCodeOf(status)
}

const nohup = defineProgram({
  name: 'nohup',
  flags: {},
  stopAtOperand: true,
  usageExit: 125,
  async run(process, { operands }) {
    if (operands.length === 0) return usageFailure(process, 'missing operand', 125)
    process.handle('SIGHUP', 'ignore')
    const tty = (fd: number): boolean => process.descriptors().get(fd)?.kind === 'tty'
    const ignoring = tty(0)
    if (ignoring) process.install(process.files.open('/dev/null', { write: true }), 0)
    if (tty(1)) {
      process.install(process.files.open('nohup.out', { write: true, create: true, append: true }, 0o600), 1)
      await complain(process, `${ignoring ? 'ignoring input and ' : ''}appending output to ${quote(process, 'nohup.out')}`)
    } else if (ignoring) await complain(process, tty(2) ? 'ignoring input and redirecting stderr to stdout' : 'ignoring input')
    if (tty(2)) process.install(process.descriptor(1), 2)
    return become(process, operands, process.env, (name, text) => `failed to run command ${quoteName(name)}: ${text}`)
  },
})

const nice = defineProgram({
  name: 'nice',
  flags: { adjustment: option('-n', '--adjustment') },
  stopAtOperand: true,
  usageExit: 125,
  rewrite: (args) => (/^-\d+$/.test(args[0] ?? '') ? ['-n', (args[0] as string).slice(1), ...args.slice(1)] : args),
  async run(process, o) {
    if (o.adjustment !== undefined && !/^[-+]?\d+$/.test(o.adjustment)) {
      await complain(process, `invalid adjustment ${quote(process, o.adjustment)}`)
      return 125
    }
    if (o.operands.length === 0) {
      if (o.adjustment !== undefined) return usageFailure(process, 'a command must be given with an adjustment', 125)
      await print(process, '0\n')
      return 0
    }
    return become(process, o.operands, process.env, (name, text) => `${quote(process, name)}: ${text}`)
  },
})

const stdbuf = defineProgram({
  name: 'stdbuf',
  flags: { input: option('-i', '--input'), output: option('-o', '--output'), error: option('-e', '--error') },
  stopAtOperand: true,
  usageExit: 125,
  async run(process, o) {
    if (o.operands.length === 0) return usageFailure(process, 'missing operand', 125)
    if (o.input === undefined && o.output === undefined && o.error === undefined) return usageFailure(process, 'you must specify a buffering mode option', 125)
    return become(process, o.operands, process.env, (name, text) => `failed to run command ${quote(process, name)}: ${text}`)
  },
})

const yes = defineProgram({
  name: 'yes',
  flags: {},
  async run(process, { operands }) {
    const block = `${operands.length > 0 ? operands.join(' ') : 'y'}\n`.repeat(512)
    for (;;) {
      await process.compute(0.05)
      await print(process, block)
    }
  },
})

const constant = (name: string, code: number): Program => ({ name, run: (process) => (process.argv[1] === '--version' ? print(process, `${name} (GNU coreutils) 9.1\n`).then(() => code) : Promise.resolve(code)) })

export const runningPrograms: readonly Program[] = [env, printenv, sleep, timeout, nohup, nice, stdbuf, yes, constant('true', 0), constant('false', 1)]
