/** renice (util-linux). */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { Accounts } from '#engine/programs/common/account-names'

type Kind = 'process ID' | 'process group ID' | 'user ID'

const kinds: Readonly<Record<string, Kind>> = { '-p': 'process ID', '--pid': 'process ID', '-g': 'process group ID', '--pgrp': 'process group ID', '-u': 'user ID', '--user': 'user ID' }

export const renice: Program = {
  name: 'renice',
  async run(process) {
    const args = process.argv.slice(1)
    if (args[0] === '--version' || args[0] === '-V') return process.stdout.write('renice from util-linux 2.38.1\n').then(() => 0)
    const relative = args[0] === '--relative'
    if (args[0] === '-n' || args[0] === '--priority' || relative) args.shift()
    const [given, ...targets] = args
    if (given === undefined || targets.length === 0) return advice(process, 'not enough arguments')
    if (!/^[-+]?\d+$/.test(given)) return advice(process, `invalid priority '${given}'`)
    let kind: Kind = 'process ID'
    let status = 0
    for (const target of targets) {
      if (Object.hasOwn(kinds, target)) kind = kinds[target] as Kind
      else if (!(await one(process, kind, target, { amount: Number(given), relative }))) status = 1
    }
    return status
  },
}

async function advice(process: Process, problem: string): Promise<number> {
  await process.stderr.write(`renice: ${problem}\nTry 'renice --help' for more information.\n`)
  return 1
}

/** False after a complaint. */
async function one(process: Process, kind: Kind, target: string, wanted: { readonly amount: number; readonly relative: boolean }): Promise<boolean> {
  const id = kind === 'user ID' ? new Accounts(process).userId(target) : /^\d+$/.test(target) ? Number(target) : undefined
  if (id === undefined) return say(process, kind === 'user ID' ? `unknown user ${target}` : `bad ${kind} value: ${target}`)
  const chosen = process.processes().filter((entry) => (kind === 'process ID' ? entry.pid : kind === 'user ID' ? entry.uid : entry.processGroup) === id)
  const before = Math.min(...chosen.map((entry) => entry.nice))
  if (chosen.length === 0) return say(process, `failed to get priority for ${id} (${kind}): No such process`)
  try {
    for (const entry of chosen) process.setNice(entry.pid, wanted.relative ? before + wanted.amount : wanted.amount)
  } catch (error) {
    if (!isErrno(error)) throw error
    return say(process, `failed to set priority for ${id} (${kind}): ${error.message}`)
  }
  const now = process.processes().find((entry) => entry.pid === chosen[0]?.pid)?.nice ?? 0
  await process.stdout.write(`${id} (${kind}) old priority ${before}, new priority ${now}\n`)
  return true
}

async function say(process: Process, text: string): Promise<false> {
  await process.stderr.write(`renice: ${text}\n`)
  return false
}
