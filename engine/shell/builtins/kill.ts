/** kill, and the list of signals. */
import { isErrno } from '#engine/linux/abi/errno'
import { parseSignal, type Signal, signalNumbers } from '#engine/linux/abi/signals'
import { builtin, type BuiltinCall, usageOf, write } from '#engine/shell/builtins/builtin'
import { monitoring } from '#engine/shell/interpreter/processes'
import { BuiltinError } from '#engine/shell/state/signals'

export const killBuiltin = builtin(async (call) => {
  const { shell } = call
  if (call.args[0] === '-l' || call.args[0] === '-L') return listSignals(call, call.args.slice(1))
  const { signal, targets } = signalAndTargets(call.args)
  if (targets.length === 0) {
    await shell.complain(`kill: usage: ${usageOf('kill')}`)
    return 2
  }
  let reached = 0
  for (const target of targets) if (await killOne(call, target, signal)) reached++
  return reached > 0 ? 0 : 1
})

/** `-s TERM`, `-n 15`, `-TERM`, `-15`, and whom it is for. */
function signalAndTargets(args: readonly string[]): { signal: Signal | 0; targets: readonly string[] } {
  const [first, second] = args
  const past = (from: number): readonly string[] => args.slice(args[from] === '--' ? from + 1 : from)
  if (first === '-s' || first === '-n') {
    if (second === undefined) throw new BuiltinError(`${first}: option requires an argument`)
    return { signal: signalFrom(second), targets: past(2) }
  }
  if (first !== undefined && first !== '--' && first.startsWith('-')) return { signal: signalFrom(first.slice(1)), targets: past(1) }
  return { signal: 'SIGTERM', targets: past(0) }
}

function signalFrom(text: string): Signal | 0 {
  if (text === '0' || text.toUpperCase() === 'EXIT') return 0
  const signal = parseSignal(text)
  if (!signal) throw new BuiltinError(`${text}: invalid signal specification`)
  return signal
}

async function killOne(call: BuiltinCall, target: string, signal: Signal | 0): Promise<boolean> {
  const { shell } = call
  try {
    if (target.startsWith('%')) {
      const job = shell.jobs.find(target)
      if (typeof job === 'string') {
        await shell.error(`kill: ${target}: no such job`)
        return false
      }
      if (signal === 'SIGCONT') job.stopped = undefined
      if (monitoring(shell)) {
        shell.process.kill(-job.processGroup, signal)
        if (job.stopped !== undefined && (signal === 'SIGTERM' || signal === 'SIGHUP')) shell.process.kill(-job.processGroup, 'SIGCONT')
      } else for (const process of job.processes) shell.process.kill(process.pid, signal)
      return true
    }
    if (!/^[+-]?\d+$/.test(target)) {
      await shell.error(`kill: ${notAProcess(target)}`)
      return false
    }
    shell.process.kill(Number(target), signal)
    return true
  } catch (error) {
    if (!isErrno(error)) throw error
    await shell.error(`kill: (${target}) - ${error.message}`)
    return false
  }
}

function notAProcess(target: string): string {
  return target === '' ? "`': not a pid or valid job spec" : `${target}: arguments must be process or job IDs`
}

export async function listSignals(call: BuiltinCall, args: readonly string[]): Promise<number> {
  const names = Object.entries(signalNumbers)
  if (args.length === 0) {
    const all = [...names.map(([name, number]) => [number, name] as const), ...realTime()]
    await write(call, all.map(([number, name], index) => `${String(number).padStart(2)}) ${name}${index % 5 === 4 ? '\n' : '\t'}`).join('').concat('\n'))
    return 0
  }
  let status = 0
  for (const arg of args) {
    const answer = /^\d+$/.test(arg) ? nameOf(Number(arg) > 128 ? Number(arg) - 128 : Number(arg)) : numberOf(arg)
    if (answer === '') continue
    if (answer !== undefined) await write(call, `${answer}\n`)
    else {
      await call.shell.error(`kill: ${arg}: invalid signal specification`)
      status = 1
    }
  }
  return status
}

function nameOf(number: number): string | undefined {
  if (number === 0) return 'EXIT'
  if (number === 32 || number === 33) return ''
  return (Object.entries(signalNumbers).find(([, value]) => value === number)?.[0] ?? realTime().find(([value]) => value === number)?.[1])?.slice(3)
}

/** bash counts its own traps on behind the last signal. */
const shellTraps: Readonly<Record<string, number>> = { EXIT: 0, DEBUG: 65, ERR: 66, RETURN: 67 }

function numberOf(text: string): number | undefined {
  const name = text.toUpperCase().replace(/^SIG/, '')
  const signal = parseSignal(text)
  return signal ? signalNumbers[signal] : (shellTraps[name] ?? realTime().find(([, full]) => full === `SIG${name}`)?.[0])
}

function realTime(): (readonly [number, string])[] {
  const out: (readonly [number, string])[] = []
  for (let number = 34; number <= 64; number++) out.push([number, number === 34 ? 'SIGRTMIN' : number === 64 ? 'SIGRTMAX' : number <= 49 ? `SIGRTMIN+${number - 34}` : `SIGRTMAX-${64 - number}`])
  return out
}

