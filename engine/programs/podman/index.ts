/** podman: finds the command, reads its flags, and tells errors as the real one does. */
import { StartFailure } from '#engine/cri/containerd/shim/init'
import { RpcError } from '#engine/cri/rpc'
import { Library } from '#engine/cri/podman/library'
import { PodmanError } from '#engine/cri/podman/model'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { FlagError, parseArguments } from '#engine/programs/common/containers/flags'
import { FormatError } from '#engine/programs/common/containers/report'
import { archiveCommands } from './archives'
import { commitCommands } from './commit'
import { containerCommands } from './containers'
import { copyCommands } from './copy'
import { imageCommands } from './images'
import { inspectCommands } from './inspect'
import { kubeCommands } from './kube'
import { networkCommands } from './networks'
import { playCommands } from './play'
import { podCommands } from './pods'
import { psCommands } from './ps'
import { runCommands } from './run'
import type { Commands, PodmanCommand } from './session'
import { systemCommands } from './system'
import { volumeCommands } from './volumes'

const own: Commands = { ...archiveCommands, ...commitCommands, ...containerCommands, ...copyCommands, ...imageCommands, ...inspectCommands, ...kubeCommands, ...networkCommands, ...playCommands, ...podCommands, ...psCommands, ...runCommands, ...systemCommands, ...volumeCommands }

/** Other words for the same. */
const aliases: Readonly<Record<string, string>> = {
  'image ls': 'images', 'image list': 'images', 'image rm': 'rmi', 'image remove': 'rmi', 'image pull': 'pull', 'image push': 'push', 'image tag': 'tag', 'image untag': 'untag', 'image history': 'history', 'image save': 'save', 'image load': 'load', 'image import': 'import', 'image build': 'build', 'image search': 'search', 'image diff': 'diff', 'buildx build': 'build',
  list: 'ps', 'container ls': 'ps', 'container list': 'ps', 'container ps': 'ps', 'container diff': 'diff', 'pod ls': 'pod ps', 'pod list': 'pod ps', 'network list': 'network ls', 'network remove': 'network rm', 'volume list': 'volume ls', 'volume remove': 'volume rm', 'kube generate': 'generate kube', 'system info': 'info',
}

const groups = new Set(['image', 'container', 'pod', 'network', 'volume', 'system', 'generate', 'play', 'kube', 'manifest', 'machine', 'secret', 'healthcheck', 'buildx'])

for (const name of ['run', 'create', 'start', 'stop', 'pause', 'unpause', 'restart', 'kill', 'rm', 'wait', 'exec', 'logs', 'port', 'rename', 'attach', 'top', 'cp', 'commit', 'export']) Object.assign(aliases, { [`container ${name}`]: name })

/** Of the real one, and not here. */
const notSimulated = new Set([
  'stats', 'events', 'healthcheck', 'secret', 'machine', 'auto-update', 'mount', 'unmount', 'umount', 'unshare', 'manifest', 'init', 'update', 'container checkpoint', 'container restore', 'container runlabel', 'container mount', 'container stats', 'pod stats', 'pod top', 'pod logs', 'pod pause', 'pod unpause', 'pod clone', 'container clone',
  'network connect', 'network disconnect', 'network reload', 'volume export', 'volume import', 'volume mount', 'volume reload', 'image mount', 'image scp', 'image sign', 'image tree', 'image trust', 'system connection', 'system migrate', 'system renumber', 'system reset', 'system service', 'completion', 'kube apply',
])

const globals = 'cgroup-manager= conmon= connection,c= events-backend= help hooks-dir= identity= log-level= module= namespace= network-cmd-path= network-config-dir= noout out= registries-conf= remote,r root= runroot= runtime= runtime-flag= ssh= storage-driver= storage-opt= syslog tmpdir= transient-store url= version,v volumepath='

interface Found { readonly name: string; readonly command: PodmanCommand; readonly rest: readonly string[] }

function find(words: readonly string[]): Found | undefined {
  for (const count of [2, 1]) {
    const typed = words.slice(0, count).join(' ')
    const name = aliases[typed] ?? typed
    const command = own[name]
    if (command && words.length >= count) return { name: typed, command, rest: words.slice(count) }
  }
  return undefined
}

async function dispatch(process: Process): Promise<number> {
  const first = parseArguments(process.argv.slice(1), globals, 1)
  if (first.has('version')) {
    await process.stdout.write('podman version 4.3.1\n')
    return 0
  }
  const words = first.operands
  if (words.length === 0 || words[0] === 'help' || first.has('help')) return help(process)
  const found = find(words)
  if (!found) return unknown(process, words)
  if (found.rest.some((word) => word === '--help' || word === '-h') && !('stop' in found.command)) return helpOf(process, found.name)
  return invoke(process, found)
}

async function invoke(process: Process, { name, command, rest }: Found): Promise<number> {
  const path = `podman ${name}`
  try {
    const flags = parseArguments(rest, command.flags, command.stop)
    const [least, most] = command.operands ?? [0, Number.POSITIVE_INFINITY]
    const complaint = countComplaint(path, flags.operands.length, least, most)
    if (complaint !== undefined) throw new PodmanError(complaint)
    return await command.run({ process, library: new Library(process), flags, path })
  } catch (error) {
    if (!(error instanceof FlagError)) throw error
    await process.stderr.write(`Error: ${error.message}\nSee '${path} --help'\n`)
    return 125
  }
}

function countComplaint(path: string, count: number, least: number, most: number): string | undefined {
  if (count >= least && count <= most) return undefined
  if (least === 0 && most === 0) return `\`${path}\` takes no arguments`
  if (least === most) return `accepts ${least} arg(s), received ${count}`
  return count < least ? `requires at least ${least} arg(s), only received ${count}` : `accepts at most ${most} arg(s), received ${count}`
}

async function unknown(process: Process, words: readonly string[]): Promise<number> {
  const [first = '', second] = words
  const real = [first, `${first} ${second ?? ''}`].find((name) => notSimulated.has(name))
  if (real !== undefined) {
    await process.stderr.write(`Error: podman ${real} is not simulated\n`)
    return 125
  }
  if (groups.has(first)) {
    await process.stderr.write(second === undefined ? `Error: missing command 'podman ${first} COMMAND'\nTry 'podman ${first} --help' for more information\n` : `Error: unrecognized command \`podman ${first} ${second}\`\nTry 'podman ${first} --help' for more information\n`)
    return 125
  }
  await process.stderr.write(`Error: unrecognized command \`podman ${first}\`\nTry 'podman --help' for more information\n`)
  return 125
}

async function help(process: Process): Promise<number> {
  await process.stdout.write(`Manage pods, containers and images\n\nUsage:\n  podman [options] [command]\n\nAvailable Commands:\n${[...new Set(Object.keys(own).map((name) => name.split(' ')[0] ?? ''))].sort().map((name) => `  ${name}\n`).join('')}`)
  return 0
}

async function helpOf(process: Process, name: string): Promise<number> {
  await process.stdout.write(`Usage:\n  podman ${name} [options]\n`)
  return 0
}

export const podman: Program = {
  name: 'podman',
  unsupported: 'rootless containers, machines, remote connections, secrets, health checks, checkpoints, statistics, events, search, auto-update and names between containers of a network',
  async run(process) {
    try {
      return await dispatch(process)
    } catch (error) {
      const [message, code] = failureOf(error)
      await process.stderr.write(`Error: ${message}\n`)
      return code
    }
  },
}

function failureOf(error: unknown): [string, number] {
  if (error instanceof PodmanError) return [error.message, error.code]
  if (error instanceof RpcError) return [error.description, 125]
  if (error instanceof FormatError || error instanceof StartFailure || error instanceof FlagError) return [error.message, 125]
  if (isErrno(error)) return [`${error.subject === undefined ? '' : `${error.subject}: `}${error.message.toLowerCase()}`, 125]
  throw error
}

export const podmanPrograms: readonly Program[] = [podman]
