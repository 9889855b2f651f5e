/** The command line: each command is a module of its own, loaded when it is asked for. */
import { setFlagsFromString } from 'node:v8'

type CommandRun = (args: readonly string[]) => Promise<number>

const commands: Readonly<Record<string, () => Promise<CommandRun>>> = {
  exec: async () => (await import('./exec')).execCommand,
  shell: async () => (await import('./shell')).shellCommand,
  cluster: async () => (await import('./cluster')).clusterCommand,
  lab: async () => (await import('./lab')).labCommand,
  app: async () => (await import('./app')).appCommand,
  host: async () => (await import('./desktop-host')).desktopHostCommand,
  image: async () => (await import('./image')).imageCommand,
}

const usage = `usage: seatrial COMMAND

  cluster up [--profile one|two|three]   a cluster that stays up, with its API on loopback
  exec HOST -- COMMAND...                a command on one of its machines
  shell [HOST]                           a terminal on one of its machines (default base)
  lab list | start ID | check | verify   practice and proof from a terminal
  app [--port N] [--no-open]             the trainer in a browser
`

// Starting a cluster runs much code a few times: V8 before Maglev would compile it for long runs at the first sign of use,
// which takes longer than the start itself. The modules' own lines, which run once, need no machine code at all.
const isEarlyV8 = Number.parseInt(process.versions.v8) < 12
if (isEarlyV8) setFlagsFromString('--interrupt-budget=264000')
if (isEarlyV8) setFlagsFromString('--no-sparkplug')

// A simulated process that is killed leaves its last wait rejected; that is no fault of the host.
process.on('unhandledRejection', (reason) => {
  if (reason instanceof Error && reason.name === 'ProcessKilled') return
  process.stderr.write(`seatrial: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}\n`)
})

const [name = '', ...args] = process.argv.slice(2)
const load = commands[name]
if (!load) {
  process.stderr.write(name === '' || name === '--help' || name === 'help' ? usage : `seatrial: unknown command "${name}"\n\n${usage}`)
  process.exitCode = name === '--help' || name === 'help' ? 0 : 2
} else {
  try {
    const run = await load()
    if (isEarlyV8) setFlagsFromString('--sparkplug')
    process.exitCode = await run(args)
  } catch (error) {
    process.stderr.write(`seatrial ${name}: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = error instanceof Error && error.name === 'UsageError' ? 2 : 1
  }
  process.stdin.unref?.()
  process.stdout.write('', () => process.exit())
}
export {}
