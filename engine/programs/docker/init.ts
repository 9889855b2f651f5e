/** `docker-init` (tini): the first process of a container that was run with --init. */
import { exitCodeOf, type Signal, signalNumbers } from '#engine/linux/abi/signals'
import type { Program } from '#engine/linux/abi/program'

export const dockerInit: Program = {
  name: 'docker-init',
  async run(process) {
    const args = process.argv.slice(1)
    if (args[0] === '--version') {
      await process.stdout.write('tini version 0.19.0\n')
      return 0
    }
    const command = args[0] === '--' ? args.slice(1) : args
    const [name = ''] = command
    const path = name.includes('/') ? name : (process.env.get('PATH') ?? '').split(':').map((directory) => `${directory}/${name}`).find((candidate) => process.files.exists(candidate))
    if (path === undefined || !process.files.exists(path)) {
      await process.stderr.write(`[FATAL tini (${process.pid})] exec ${name} failed: No such file or directory\n`)
      return 127
    }
    const child = process.spawn(path, command)
    for (const signal of Object.keys(signalNumbers) as Signal[]) if (!['SIGKILL', 'SIGSTOP', 'SIGCHLD', 'SIGSEGV', 'SIGTTIN', 'SIGTTOU'].includes(signal)) process.handle(signal, () => child.kill(signal))
    return exitCodeOf(await child.wait())
  },
}
