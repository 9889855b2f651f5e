/** Looking into containers: exec, logs, top, port, diff, stats. */
import { bool, string, stringArray } from '#engine/programs/common/cobra/flags'
import type { Command } from '#engine/programs/common/cobra/command'
import { alignTabs } from '#engine/programs/common/tabwriter/tabwriter'
import { type Api, DockerFailure } from '../kit/api'
import { type Context, leaf } from '../kit/command'
import { checkTerminal, joinStreams, printFrames } from '../kit/streams'
import { instantOf } from '../kit/times'
import { linesOf } from './request'

const ways = (name: string): string[] => [`docker container ${name}`, `docker ${name}`]
const containerPath = (name: string, rest: string): string => `/containers/${encodeURIComponent(name)}/${rest}`

const exec = leaf({
  use: 'exec [OPTIONS] CONTAINER COMMAND [ARG...]', short: 'Execute a command in a running container', args: { atLeast: 2 }, stopAtOperand: true, ways: ways('exec'),
  flags: [
    bool('detach,d', 'Detached mode: run command in the background'), string('detach-keys', 'Override the key sequence for detaching a container'), stringArray('env,e', 'Set environment variables', { typeName: 'list' }), stringArray('env-file', 'Read in a file of environment variables', { typeName: 'list' }),
    bool('interactive,i', 'Keep STDIN open even if not attached'), bool('privileged', 'Give extended privileges to the command'), bool('tty,t', 'Allocate a pseudo-TTY'), string('user,u', 'Username or UID (format: "<name|uid>[:<group|gid>]")'), string('workdir,w', 'Working directory inside the container'),
  ],
  run: runExec,
})

async function runExec({ api, args, flags, process }: Context): Promise<number> {
  const [name = '', ...Cmd] = args
  const [stdin, tty, detach] = [flags.bool('interactive'), flags.bool('tty'), flags.bool('detach')]
  await api.get(containerPath(name, 'json'))
  if (!detach) checkTerminal(process, { stdin, tty })
  const Env = [...flags.list('env-file').flatMap((path) => linesOf(process, path)), ...flags.list('env')].flatMap((entry) => (entry.includes('=') ? [entry] : process.env.has(entry) ? [`${entry}=${process.env.get(entry) ?? ''}`] : []))
  const json = { Cmd, Env, User: flags.string('user'), WorkingDir: flags.string('workdir'), Privileged: flags.bool('privileged'), Tty: tty, AttachStdin: stdin && !detach, AttachStdout: !detach, AttachStderr: !detach }
  const { Id } = await api.json<{ Id: string }>('POST', containerPath(name, 'exec'), { json })
  const answer = await api.request('POST', `/exec/${Id}/start`, { json: { Detach: detach, Tty: tty }, ...(detach ? {} : { headers: { connection: 'Upgrade', upgrade: 'tcp' } }) })
  if (detach || !answer.upgraded) return 0
  await joinStreams(process, answer.upgraded, { stdin, tty })
  const { ExitCode } = await api.get<{ ExitCode: number | null }>(`/exec/${Id}/json`)
  return ExitCode ?? 0
}

const logs = leaf({
  use: 'logs [OPTIONS] CONTAINER', short: 'Fetch the logs of a container', args: { exactly: 1 }, ways: ways('logs'),
  flags: [
    bool('details', 'Show extra details provided to logs'), bool('follow,f', 'Follow log output'), string('since', 'Show logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)'), string('tail,n', 'Number of lines to show from the end of the logs', { default: 'all' }),
    bool('timestamps,t', 'Show timestamps'), string('until', 'Show logs before a timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)'),
  ],
  async run({ api, args: [name = ''], flags, process }) {
    const container = await api.get<{ Config: { Tty: boolean } }>(containerPath(name, 'json'))
    const now = process.clock.now()
    const at = (flag: string): string | undefined => (flags.string(flag) === '' ? undefined : String(instantOf(flags.string(flag), now, flag) / 1000))
    const answer = await api.request('GET', containerPath(name, 'logs'), { query: { stdout: true, stderr: true, follow: flags.bool('follow') || undefined, timestamps: flags.bool('timestamps') || undefined, details: flags.bool('details') || undefined, tail: flags.string('tail'), since: at('since'), until: at('until') }, signal: process.dying })
    await printFrames(process, answer.body, container.Config.Tty)
    return 0
  },
})

const top = leaf({
  use: 'top CONTAINER [ps OPTIONS]', short: 'Display the running processes of a container', args: { atLeast: 1 }, stopAtOperand: true, ways: ways('top'),
  async run({ api, args: [name = '', ...options], process }) {
    const { Titles, Processes } = await api.get<{ Titles: string[]; Processes: string[][] }>(containerPath(name, 'top'), { ps_args: options.length > 0 ? options.join(' ') : undefined })
    await process.stdout.write(alignTabs([Titles, ...Processes].map((row) => `${row.join('\t')}\n`).join(''), { minWidth: 20, padding: 3 }))
    return 0
  },
})

type PortMap = Record<string, { HostIp: string; HostPort: string }[] | null>

const port = leaf({
  use: 'port CONTAINER [PRIVATE_PORT[/PROTO]]', short: 'List port mappings or a specific mapping for the container', args: { from: 1, to: 2 }, ways: ways('port'),
  async run({ api, args: [name = '', wanted], process }) {
    const { NetworkSettings } = await api.get<{ NetworkSettings: { Ports: PortMap } }>(containerPath(name, 'json'))
    const shown = (binding: { HostIp: string; HostPort: string }): string => `${binding.HostIp.includes(':') ? `[${binding.HostIp}]` : binding.HostIp}:${binding.HostPort}`
    if (wanted !== undefined) {
      const key = wanted.includes('/') ? wanted : `${wanted}/tcp`
      const found = NetworkSettings.Ports[key]
      if (!found) throw new DockerFailure(`Error: No public port '${wanted}' published for ${name}`)
      await process.stdout.write(found.map((binding) => `${shown(binding)}\n`).join(''))
      return 0
    }
    const lines = Object.entries(NetworkSettings.Ports).flatMap(([key, bindings]) => (bindings ?? []).map((binding) => `${key} -> ${shown(binding)}\n`))
    await process.stdout.write(lines.sort((a, b) => parseInt(a, 10) - parseInt(b, 10)).join(''))
    return 0
  },
})

const diff = leaf({
  use: 'diff CONTAINER', short: "Inspect changes to files or directories on a container's filesystem", args: { exactly: 1 }, ways: ways('diff'),
  async run({ api, args: [name = ''], process }) {
    if (name === '') throw new DockerFailure('Container name cannot be empty')
    const changes = (await api.get<{ Path: string; Kind: number }[] | null>(containerPath(name, 'changes'))) ?? []
    await process.stdout.write(changes.map(({ Path, Kind }) => `${['C', 'A', 'D'][Kind] ?? 'C'} ${Path}\n`).join(''))
    return 0
  },
})

const exportCommand = leaf({
  use: 'export [OPTIONS] CONTAINER', short: "Export a container's filesystem as a tar archive", args: { exactly: 1 }, flags: [string('output,o', 'Write to a file, instead of STDOUT')], ways: ways('export'),
  run: ({ api, args: [name = ''], flags, process }) => writeArchive(api, process, containerPath(name, 'export'), flags.string('output')),
})

/** What comes as an archive goes to a file or to standard output, never to a terminal. */
export async function writeArchive(api: Api, process: Context['process'], path: string, output: string, query: Readonly<Record<string, readonly string[]>> = {}): Promise<number> {
  if (output === '' && process.descriptors().get(1)?.tty) throw new DockerFailure('cowardly refusing to save to a terminal. Use the -o flag or redirect')
  const parent = output.includes('/') ? output.slice(0, output.lastIndexOf('/')) || '/' : '.'
  if (output !== '' && process.files.exists(parent)?.type !== 'directory') throw new DockerFailure(`failed to save image: invalid output path: directory "${parent}" does not exist`)
  const bytes = await (await api.request('GET', path, { query })).body.bytes()
  if (output === '') await process.stdout.write(bytes)
  else process.files.writeFile(output, bytes, 0o600)
  return 0
}

export const lookCommands: readonly Command[] = [exec, logs, top, port, diff, exportCommand]
