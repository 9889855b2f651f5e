/** `setsid`, `pwdx`, `whereis`, `service`: small companions of processes and programs. */
import { isErrno } from '#engine/linux/abi/errno'
import { flag, option, parseFlags, UsageError } from '#engine/linux/abi/flags'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { exitCodeOf } from '#engine/linux/abi/signals'
import { become, which } from '#engine/programs/coreutils/running'

function utility(name: string, run: (process: Process, args: readonly string[]) => Promise<number>): Program {
  return {
    name,
    async run(process) {
      try {
        return await run(process, process.argv.slice(1))
      } catch (error) {
        if (!(error instanceof UsageError)) throw error
        await process.stderr.write(`${name}: ${error.message}\nTry '${name} --help' for more information.\n`)
        return 1
      }
    },
  }
}

/** A group's leader cannot start a session: a child does it then. */
export const setsid = utility('setsid', async (process, args) => {
  const { values, operands } = parseFlags({ terminal: flag('-c', '--ctty'), fork: flag('-f', '--fork'), wait: flag('-w', '--wait') }, args, true)
  if (operands.length === 0) throw new UsageError('no command specified')
  const start = (own: Process): Promise<number> => {
    own.newSession()
    return become(own, operands, own.env, (name, text) => `failed to execute ${name}: ${text}`)
  }
  if (!values.fork && process.processGroup !== process.pid) return start(process)
  const child = process.fork(start)
  return values.wait ? exitCodeOf(await child.wait()) : 0
})

export const pwdx = utility('pwdx', async (process, args) => {
  if (args.length === 0) {
    await process.stderr.write('\nUsage:\n pwdx [options] pid...\n')
    return 1
  }
  let status = 0
  for (const pid of args) {
    try {
      await process.stdout.write(`${pid}: ${process.files.readlink(`/proc/${pid.replace(/^\/proc\//, '')}/cwd`)}\n`)
    } catch (error) {
      if (!isErrno(error)) throw error
      await process.stderr.write(`${pid}: ${error.code === 'ENOENT' ? 'No such process' : error.message}\n`)
      status = 1
    }
  }
  return status
})

const manualFolders = ['/usr/share/man/man1', '/usr/share/man/man5', '/usr/share/man/man8']

export const whereis = utility('whereis', async (process, args) => {
  const { values, operands } = parseFlags({ binaries: flag('-b'), manuals: flag('-m'), sources: flag('-s'), unusual: flag('-u'), list: flag('-l'), paths: option('-B') }, args, false)
  if (operands.length === 0) throw new UsageError('not enough arguments')
  const all = !values.binaries && !values.manuals && !values.sources
  for (const name of operands) {
    const found = [
      ...(all || values.binaries ? ['/usr/bin', '/usr/sbin', '/etc', '/usr/lib', '/usr/local/bin'].map((folder) => `${folder}/${name}`) : []),
      ...(all || values.manuals ? manualFolders.map((folder) => `${folder}/${name}.${folder.slice(-1)}.gz`) : []),
    ].filter((path) => process.files.exists(path))
    await process.stdout.write(`${name}:${found.map((path) => ` ${path}`).join('')}\n`)
  }
  return 0
})

/** With systemd `service` only turns its words around. */
export const service = utility('service', async (process, args) => {
  const [name, action, ...rest] = args
  if (name === undefined || name === '--help' || name === '-h') {
    await (name === undefined ? process.stderr : process.stdout).write('Usage: service < option > | --status-all | [ service_name [ command | --full-restart ] ]\n')
    return name === undefined ? 1 : 0
  }
  if (name === '--status-all') return run(process, ['list-units', '--type=service', '--all', '--no-pager'])
  if (action === undefined) {
    await process.stderr.write('Usage: service < option > | --status-all | [ service_name [ command | --full-restart ] ]\n')
    return 1
  }
  if (action === '--full-restart') return run(process, ['restart', `${name}.service`])
  return run(process, [action, `${name}.service`, ...rest])
})

function run(process: Process, words: readonly string[]): Promise<number> {
  return process.exec(which(process, 'systemctl') ?? '/usr/bin/systemctl', ['systemctl', ...words])
}
