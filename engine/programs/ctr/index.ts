/** ctr: its commands over containerd's client service. */
import { clientService } from '#engine/cri/containerd/clientservices'
import { RpcError } from '#engine/cri/rpc'
import { RpcClient } from '#engine/cri/transport'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { containerCommands, taskCommands } from './containers'
import { imageCommands } from './images'
import { contentCommands, namespaceCommands, run, snapshotCommands, version } from './others'
import { pluginCommands } from './plugins'
import { CtrError, type Run } from './session'

interface Group { readonly aliases: readonly string[]; readonly short: string; readonly commands: Readonly<Record<string, Run>> }

const groups: Readonly<Record<string, Group>> = {
  containers: { aliases: ['c', 'container'], short: 'Manage containers', commands: containerCommands },
  content: { aliases: [], short: 'Manage content', commands: contentCommands },
  images: { aliases: ['image', 'i'], short: 'Manage images', commands: imageCommands },
  namespaces: { aliases: ['namespace', 'ns'], short: 'Manage namespaces', commands: namespaceCommands },
  plugins: { aliases: ['plugin'], short: 'Provides information about containerd plugins', commands: pluginCommands },
  snapshots: { aliases: ['snapshot'], short: 'Manage snapshots', commands: snapshotCommands },
  tasks: { aliases: ['t', 'task'], short: 'Manage tasks', commands: taskCommands },
}
const alone: Readonly<Record<string, { readonly short: string; readonly run: Run }>> = {
  run: { short: 'Run a container', run },
  version: { short: 'Print the client and server versions', run: version },
}
const absent = ['events', 'event', 'leases', 'install', 'oci', 'sandboxes', 'sandbox', 'info', 'deprecations', 'shim', 'pprof']
const valued = new Set(['address', 'a', 'namespace', 'n', 'timeout', 'connect-timeout', 'exec-id', 'signal', 's', 'user', 'u', 'platform', 'snapshotter', 'mount', 'env', 'label', 'cwd', 'runtime', 'format', 'base-name', 'index-name'])

export const ctr: Program = {
  name: 'ctr',
  unsupported: 'images push, mount and convert, docker archives without an OCI index, plugins --detailed, events, install, leases, sandboxes, shim, oci, filters other than by name; run only thinly',
  async run(process) {
    try {
      return await dispatch(process)
    } catch (error) {
      if (error instanceof RpcError) await process.stderr.write(`ctr: ${error.description}\n`)
      else if (error instanceof CtrError) await process.stderr.write(`ctr: ${error.message}\n`)
      else throw error
      return error instanceof CtrError ? error.code : 1
    }
  },
}

async function dispatch(process: Process): Promise<number> {
  const { flags, values, words } = parse(process.argv.slice(1))
  const [first, second] = words
  const group = first === undefined ? undefined : Object.entries(groups).find(([name, { aliases }]) => name === first || aliases.includes(first))
  const found = group ? group[1].commands[second ?? ''] : alone[first ?? '']?.run
  if (!found) return help(process, words, group)
  const setting = (long: string, short: string, variable: string, fallback: string): string => values.get(long) ?? values.get(short) ?? process.env.get(variable) ?? fallback
  const namespace = setting('namespace', 'n', 'CONTAINERD_NAMESPACE', 'default')
  const address = setting('address', 'a', 'CONTAINERD_ADDRESS', '/run/containerd/containerd.sock')
  if (!process.files.exists(address)) throw new CtrError(`cannot access socket ${address}: stat ${address}: no such file or directory`)
  const rpc = new RpcClient(process.net, address)
  const call = <T>(method: string, message: object = {}): Promise<T> => rpc.call<T>(clientService, method, { namespace, ...message })
  return found({ process, namespace, call, flags, values, operands: words.slice(group ? 2 : 1) })
}

/** What there is; a word that names nothing is told, and one that names something absent says so. */
async function help(process: Process, words: readonly string[], group: readonly [string, Group] | undefined): Promise<number> {
  const [first, second] = words
  if (first !== undefined && absent.includes(first)) throw new CtrError(`${first} is not supported by this ctr`)
  const unknown = group ? second : first
  if (unknown !== undefined && unknown !== 'help' && unknown !== 'h') {
    await process.stdout.write(`No help topic for '${unknown}'\n`)
    return 3
  }
  const names = group
    ? Object.keys(group[1].commands).map((name) => [name, ''] as const)
    : [...Object.entries(groups).map(([name, { aliases, short }]) => [[name, ...aliases].join(', '), short] as const), ...Object.entries(alone).map(([name, { short }]) => [name, short] as const)]
  const sorted = [...names].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, short]) => `   ${name.padEnd(27)}${short}`.trimEnd())
  await process.stdout.write(`NAME:\n   ctr${group ? ` ${group[0]} - ${group[1].short}` : ' - containerd CLI, unsupported debug and administrative client'}\n\nUSAGE:\n   ctr${group ? ` ${group[0]}` : ' [global options]'} command [command options]\n\nCOMMANDS:\n${sorted.join('\n')}\n`)
  return 0
}

/** Flags may stand anywhere, but after `run IMAGE ID` and `tasks exec ID` all belongs to the container. */
function parse(args: readonly string[]): { flags: Set<string>; values: Map<string, string>; words: string[] } {
  const flags = new Set<string>()
  const values = new Map<string, string>()
  const words: string[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string
    const inside = words.length >= 3 && (words[0] === 'run' || words[1] === 'exec')
    const [name = '', ...rest] = arg.replace(/^--?/, '').split('=')
    if (!arg.startsWith('-') || arg === '-' || inside) words.push(arg)
    else if (rest.length > 0) values.set(name, rest.join('='))
    else if (valued.has(name)) values.set(name, args[++i] ?? '')
    else flags.add(name)
  }
  return { flags, values, words }
}

export const ctrPrograms: readonly Program[] = [ctr]
