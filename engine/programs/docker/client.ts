/** The client `docker`: its tree of commands and how wrong usage is told. */
import type { Program } from '#engine/linux/abi/program'
import type { Process } from '#engine/linux/abi/process'
import { bool, string, stringArray } from '#engine/programs/common/cobra/flags'
import type { Command, CommandError, ResolvedCommand } from '#engine/programs/common/cobra/command'
import { findCommand, rootCommand } from '#engine/programs/common/cobra/command'
import { runCommand as runTree } from '#engine/programs/common/cobra/run'
import { containerGroup, topContainerCommands } from './container/index'
import { inspectCommand } from './container/inspect'
import { deprecation } from './image/build'
import { imageGroup, topImageCommands } from './image/index'
import { DockerFailure } from './kit/api'
import { argumentsText, flagText, helpText, unknownText } from './kit/command'
import { builderGroup } from './other/builder'
import { absentCommands, contextGroup, loginCommand, logoutCommand } from './other/login'
import { networkGroup } from './other/networks'
import { clientVersion, eventsCommand, infoCommand, systemGroup, versionCommand } from './other/system'
import { volumeGroup } from './other/volumes'

let tree: Command | undefined

function commandTree(): Command {
  return (tree ??= {
    use: 'docker [OPTIONS] COMMAND', short: 'A self-sufficient runtime for containers',
    persistentFlags: [
      string('config', 'Location of client config files', { default: '/root/.docker' }), string('context', 'Name of the context to use to connect to the daemon (overrides DOCKER_HOST env var and default context set with "docker context use")'), bool('debug', 'Enable debug mode'), stringArray('host', 'Daemon socket to connect to', { typeName: 'string' }),
      string('log-level', 'Set the logging level ("debug", "info", "warn", "error", "fatal")', { default: 'info' }),
    ],
    commands: [...topContainerCommands, ...topImageCommands, inspectCommand, versionCommand, infoCommand('info [OPTIONS]'), eventsCommand('events [OPTIONS]'), loginCommand, logoutCommand, builderGroup, containerGroup, contextGroup, imageGroup, networkGroup, systemGroup, volumeGroup, ...absentCommands],
  })
}

export const docker: Program = {
  name: 'docker',
  unsupported: 'swarm and its kin, buildx, compose, plugins, trust, manifest, search; --device, --gpus, --ulimit and other limits that the kernel of this machine has not; attach by raw streams',
  async run(process) {
    const args = globalsAside(process.argv.slice(1))
    if (args[0] === '--version' || args[0] === '-v') {
      await process.stdout.write(`Docker version ${clientVersion}, build ${clientVersion}-0ubuntu1\n`)
      return 0
    }
    const root = commandTree()
    const found = findCommand(rootCommand(root), args)
    if (found.command.name === 'build' && !args.includes('--help')) await process.stderr.write(deprecation)
    return runTree(process, root, { args, help: helpText, standardCommands: false, onUsageError: (error) => wrongUsage(process, error, found.args), onError: (error) => failed(process, error) })
  },
}

/** `-H`, `-D` and `-l` stand before the command only; behind it they are its own. */
function globalsAside(args: readonly string[]): string[] {
  const out: string[] = []
  let index = 0
  for (; index < args.length && (args[index] as string).startsWith('-'); index++) {
    const arg = args[index] as string
    if (arg === '-H' || arg === '-c' || arg === '-l') out.push(`--${{ '-H': 'host', '-c': 'context', '-l': 'log-level' }[arg]}=${args[++index] ?? ''}`)
    else if (arg === '-D') out.push('--debug')
    else if ((arg === '--host' || arg === '--context' || arg === '--config' || arg === '--log-level') && args[index + 1] !== undefined) out.push(`${arg}=${args[++index] as string}`)
    else out.push(arg)
  }
  return [...out, ...args.slice(index)]
}

async function wrongUsage(process: Process, error: CommandError, args: readonly string[]): Promise<number> {
  const command: ResolvedCommand = error.command
  if (error.kind === 'flag') {
    await process.stderr.write(flagText(command, error.message))
    return 125
  }
  const word = args.find((arg) => !arg.startsWith('-')) ?? ''
  await process.stderr.write(error.kind === 'unknown-command' || command.spec.commands ? unknownText(command, word) : argumentsText(command, error.message))
  return 1
}

async function failed(process: Process, error: Error): Promise<number> {
  if (!(error instanceof DockerFailure)) throw error
  if (error.message !== '') await process.stderr.write(`${error.message}\n`)
  return error.exitCode
}
