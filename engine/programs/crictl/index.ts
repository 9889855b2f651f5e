/** crictl's commands and flags, in one list. */
import type { Program } from '#engine/linux/abi/program'
import type { Process } from '#engine/linux/abi/process'
import { emitYaml } from '#engine/base/yaml/emit'
import { create, exec, imageFsInfo, info, inspect, inspecti, inspectp, logs, pull, remove, removeImages, removePods, runPod, start, stop, stopPods, version } from './actions'
import { images, pods, ps, stats, statsp } from './lists'
import { attach, events, runtimeConfig, update } from './more'
import { configPath, Fatal, flag, logLine, type Options, parseOptions, readConfig, Session, UsageFailure } from './session'

interface Command { readonly names: readonly string[]; readonly usage: string; readonly valued: string; readonly plain: string; readonly stopAfter?: number; run(session: Session, options: Options): Promise<number> }

const command = (names: string, usage: string, valued: string, plain: string, run: Command['run'], stopAfter?: number): Command => ({ names: names.split(' '), usage, valued, plain, run, ...(stopAfter === undefined ? {} : { stopAfter }) })

const commands: readonly Command[] = [
  command('attach', 'Attach to a running container', 'transport r', 'tty t stdin i', attach),
  command('create', 'Create a new container', '', 'with-pull', create),
  command('exec', 'Run a command in a running container', 'timeout transport r', 'sync s tty t interactive i', exec, 1),
  command('version', 'Display runtime version information', '', '', version),
  command('images image img', 'List images', 'output o filter f', 'verbose v quiet q digests no-trunc pinned', images),
  command('inspect', 'Display the status of one or more containers', 'output o template', 'quiet q all a', inspect),
  command('inspecti', 'Return the status of one or more images', 'output o template', 'quiet q', inspecti),
  command('imagefsinfo', 'Return image filesystem info', 'output o template', '', imageFsInfo),
  command('inspectp', 'Display the status of one or more pods', 'output o template', 'quiet q', inspectp),
  command('logs', 'Fetch the logs of a container', 'tail n since limit-bytes', 'follow f timestamps t previous p', logs),
  command('ps', 'List containers', 'name id pod p image state s label output o last n namespace', 'all a quiet q verbose v latest l no-trunc resolve-image-path r', ps),
  command('pull', 'Pull an image from a registry', 'creds auth username u annotation pod-config', '', pull),
  command('runp', 'Run a new pod', 'runtime r cancel-timeout T', '', runPod),
  command('rm', 'Remove one or more containers', '', 'force f all a keep-logs k', remove),
  command('rmi', 'Remove one or more images', '', 'all a prune q', removeImages),
  command('rmp', 'Remove one or more pods', '', 'force f all a', removePods),
  command('pods', 'List pods', 'id name namespace state s label output o last n', 'verbose v quiet q latest l no-trunc', pods),
  command('start', 'Start one or more created containers', '', '', start),
  command('info', 'Display information of the container runtime', 'output o template', 'quiet q', info),
  command('stop', 'Stop one or more running containers', 'timeout t', '', stop),
  command('stopp', 'Stop one or more running pods', '', '', stopPods),
  command('config', 'Get, set and list crictl configuration options', 'get set', 'list', config),
  command('update', 'Update one or more running containers', 'cpu-count cpu-maximum cpu-period cpu-quota cpu-share cpuset-cpus cpuset-mems memory', '', update),
  command('events event', 'Stream the events of containers', 'output o template', '', events),
  command('runtime-config', 'Retrieve the container runtime configuration', '', '', runtimeConfig),
  command('stats', 'List container(s) resource usage statistics', 'id label output o seconds s', 'all a watch w', stats),
  command('statsp', 'List pod statistics. Stats represent a structured API that will fulfill the Kubelet\'s /stats/summary endpoint.', 'id label output o seconds s', 'watch w', statsp),
]

const globals = { valued: new Set(['config', 'c', 'image-endpoint', 'i', 'runtime-endpoint', 'r', 'timeout', 't', 'profile-cpu', 'profile-mem']), plain: new Set(['debug', 'D', 'help', 'h', 'version', 'v', 'enable-tracing']) }
const clientVersion = 'v1.35.0'

export const crictl: Program = {
  name: 'crictl',
  unsupported: 'port-forward, checkpoint, metrics; pull with --auth',
  async run(process) {
    try {
      return await dispatch(process, process.argv.slice(1))
    } catch (error) {
      if (!(error instanceof Fatal)) throw error
      await process.stderr.write(logLine(process, 'fatal', error.message))
      return 1
    }
  },
}

async function dispatch(process: Process, args: readonly string[]): Promise<number> {
  const at = firstOperand(args)
  const global = parseOptions(args.slice(0, at), globals.valued, globals.plain)
  const [name, ...rest] = args.slice(at)
  if (global.flags.has('version') || global.flags.has('v')) {
    await process.stdout.write(`crictl version ${clientVersion}\n`)
    return 0
  }
  if (name === undefined || name === 'help' || global.flags.has('help') || global.flags.has('h')) {
    await process.stdout.write(helpText())
    return 0
  }
  const found = commands.find((item) => item.names.includes(name))
  if (!found) {
    await process.stdout.write(`No help topic for '${name}'\n`)
    return 3
  }
  try {
    const valued = new Set(found.valued.split(' '))
    const options = parseOptions(rest, valued, new Set([...found.plain.split(' '), 'help', 'h']), found.stopAfter)
    return await found.run(new Session(process, global), options)
  } catch (error) {
    if (!(error instanceof UsageFailure)) throw error
    await process.stdout.write(`Incorrect Usage: ${error.message}\n\nNAME:\n   crictl ${found.names[0] ?? ''} - ${found.usage}\n\n`)
    throw new Fatal(error.message)
  }
}

function firstOperand(args: readonly string[]): number {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string
    if (!arg.startsWith('-')) return i
    if (!arg.includes('=') && globals.valued.has(arg.replace(/^--?/, ''))) i++
  }
  return args.length
}

async function config(session: Session, options: Options): Promise<number> {
  const { process } = session
  const settings = readConfig(process, configPath) ?? {}
  const asked = flag(options, 'get') ?? (options.operands.length === 1 ? options.operands[0] : undefined)
  if (asked !== undefined) {
    await session.out(`${String(settings[asked] ?? '')}\n`)
    return 0
  }
  const pairs = [...(options.flags.get('set') ?? []).flatMap((text) => text.split(',')), ...(options.operands.length === 2 ? [`${options.operands[0] ?? ''}=${options.operands[1] ?? ''}`] : [])]
  if (pairs.length === 0) {
    const rows = Object.entries(settings).map(([key, value]) => `${key.padEnd(21)}${String(value)}\n`)
    await session.out(`KEY                  VALUE\n${rows.join('')}`)
    return 0
  }
  for (const pair of pairs) settings[pair.slice(0, pair.indexOf('='))] = pair.slice(pair.indexOf('=') + 1)
  process.files.writeFile(configPath, emitYaml({ 'runtime-endpoint': '', 'image-endpoint': '', timeout: 0, debug: false, 'pull-image-on-create': false, 'disable-pull-on-run': false, ...settings }, { sortKeys: false }), 0o644)
  return 0
}

function helpText(): string {
  const lines = commands.map((item) => `   ${item.names.join(', ').padEnd(20)} ${item.usage}`)
  return `NAME:\n   crictl - client for CRI\n\nUSAGE:\n   crictl [global options] command [command options]\n\nVERSION:\n   ${clientVersion}\n\nCOMMANDS:\n${lines.join('\n')}\n\nGLOBAL OPTIONS:\n   --config string, -c string            Location of the client config file (default: "/etc/crictl.yaml") [$CRI_CONFIG_FILE]\n   --debug, -D                           Enable debug mode\n   --image-endpoint string, -i string    Endpoint of CRI image manager service [$IMAGE_SERVICE_ENDPOINT]\n   --runtime-endpoint string, -r string  Endpoint of CRI container runtime service [$CONTAINER_RUNTIME_ENDPOINT]\n   --timeout duration, -t duration       Timeout of connecting to the server in seconds (default: 2s)\n   --help, -h                            show help\n   --version, -v                         print the version\n`
}

export const crictlPrograms: readonly Program[] = [crictl]
