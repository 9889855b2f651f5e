/** The command line: what is asked for is loaded, clients of a host by themselves, all that is more as one. */
import { answer } from './help'
import { keepCode, loadProgram } from './program'

type CommandRun = (args: readonly string[]) => Promise<number>

const commands: Readonly<Record<string, () => Promise<CommandRun>>> = {
  exec: async () => (await import('./exec')).execCommand,
  shell: async () => (await import('./shell')).shellCommand,
  cluster: async () => (await loadProgram('cluster')).clusterCommand,
  lab: async () => (await loadProgram('lab')).labCommand,
  app: async () => (await loadProgram('cluster')).appCommand,
  host: async () => (await loadProgram('cluster')).desktopHostCommand,
  image: async () => (await loadProgram('cluster')).imageCommand,
  completion: async () => (await import('./completion')).completionCommand,
  // Part of the build.
  'keep-code': () => Promise.resolve(keep),
}

async function keep([name]: readonly string[]): Promise<number> {
  await keepCode(name === 'lab' ? 'lab' : 'cluster')
  return 0
}

// A simulated process that is killed leaves its last wait rejected; that is no fault of the host.
process.on('unhandledRejection', (reason) => {
  if (reason instanceof Error && reason.name === 'ProcessKilled') return
  process.stderr.write(`seatrial: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}\n`)
})

const [name = '', ...args] = process.argv.slice(2)
const load = Object.hasOwn(commands, name) ? commands[name] : undefined
const help = answer(name, args, load !== undefined)
if (help || !load) {
  ;(help?.code === 0 ? process.stdout : process.stderr).write(`${help?.text ?? ''}\n`)
  process.exitCode = help?.code ?? 2
} else {
  try {
    const run = await load()
    process.exitCode = await run(args)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    process.stderr.write(message.startsWith('usage: ') ? `${message}\n` : `seatrial ${name}: ${message}\n`)
    process.exitCode = error instanceof Error && error.name === 'UsageError' ? 2 : 1
  }
  process.stdin.unref?.()
  process.stdout.write('', () => process.exit())
}
export {}
