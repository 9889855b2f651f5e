/** What is done with containers by name: start, stop, kill, pause, remove and the like. */
import { bool, int, string } from '#engine/programs/common/cobra/flags'
import type { Command } from '#engine/programs/common/cobra/command'
import { DockerFailure, filterFlag, filtersText, jsonLines } from '../kit/api'
import { type Context, each, leaf } from '../kit/command'
import { checkTerminal, joinStreams } from '../kit/streams'
import { humanSize } from '#engine/cri/units'
import { passSignals } from './run'
import { updateCommand } from './update'

const stopFlags = [string('signal,s', 'Signal to send to the container'), int('timeout,t', 'Seconds to wait before killing the container'), int('time', '', { hidden: true })]

function grace({ flags }: Context): number | undefined {
  return flags.changed('timeout') ? flags.number('timeout') : flags.changed('time') ? flags.number('time') : undefined
}

const several = (name: string): string => `${name} [OPTIONS] CONTAINER [CONTAINER...]`
const ways = (name: string): string[] => [`docker container ${name}`, `docker ${name}`]

function simple(name: string, short: string): Command {
  return leaf({
    use: `${name} CONTAINER [CONTAINER...]`, short, args: { atLeast: 1 }, ways: ways(name),
    run: (context) => each(context, async (container) => (await context.api.post(`/containers/${encodeURIComponent(container)}/${name}`), container)),
  })
}

const stopping = (name: string, short: string): Command => leaf({
  use: several(name), short, flags: stopFlags, args: { atLeast: 1 }, ways: ways(name),
  run: (context) => each(context, async (container) => (await context.api.post(`/containers/${encodeURIComponent(container)}/${name}`, { query: { t: grace(context) } }), container)),
})

const kill = leaf({
  use: several('kill'), short: 'Kill one or more running containers', flags: [string('signal,s', 'Signal to send to the container')], args: { atLeast: 1 }, ways: ways('kill'),
  run: (context) => each(context, async (container) => (await context.api.post(`/containers/${encodeURIComponent(container)}/kill`, { query: { signal: context.flags.string('signal') || 'KILL' } }), container)),
})

const remove = leaf({
  use: several('rm'), short: 'Remove one or more containers', args: { atLeast: 1 }, ways: ['docker container rm', 'docker container remove', 'docker rm'],
  flags: [bool('force,f', 'Force the removal of a running container (uses SIGKILL)'), bool('link,l', 'Remove the specified link'), bool('volumes,v', 'Remove anonymous volumes associated with the container')],
  run: (context) => each(context, async (name) => {
    const { api, flags, process } = context
    const container = name.replace(/^\//, '')
    if (container === '') throw new DockerFailure('container name cannot be empty')
    try {
      await api.request('DELETE', `/containers/${encodeURIComponent(container)}`, { query: { force: flags.bool('force') || undefined, v: flags.bool('volumes') || undefined, link: flags.bool('link') || undefined } })
    } catch (error) {
      if (!(error instanceof DockerFailure) || error.status !== 404 || !flags.bool('force')) throw error
      await process.stderr.write(`${error.message}\n`)
      return undefined
    }
    return name
  }),
})

const start = leaf({
  use: several('start'), short: 'Start one or more stopped containers', args: { atLeast: 1 }, ways: ways('start'),
  flags: [bool('attach,a', 'Attach STDOUT/STDERR and forward signals'), string('detach-keys', 'Override the key sequence for detaching a container'), bool('interactive,i', "Attach container's STDIN")],
  run: (context) => (context.flags.bool('attach') || context.flags.bool('interactive') ? startAttached(context) : startAll(context)),
})

async function startAll({ api, args, process }: Context): Promise<number> {
  const failed: string[] = []
  for (const name of args) {
    try {
      await api.post(`/containers/${encodeURIComponent(name)}/start`)
      await process.stdout.write(`${name}\n`)
    } catch (error) {
      if (!(error instanceof DockerFailure)) throw error
      await process.stderr.write(`${error.message}\n`)
      failed.push(name)
    }
  }
  if (failed.length > 0) throw new DockerFailure(`Error: failed to start containers: ${failed.join(', ')}`)
  return 0
}

interface Inspected { readonly Id: string; readonly Config: { readonly Tty: boolean; readonly OpenStdin: boolean }; readonly State: { readonly Running: boolean; readonly Paused: boolean; readonly Restarting: boolean; readonly ExitCode: number }; readonly HostConfig: { readonly AutoRemove: boolean } }

async function startAttached({ api, args, flags, process }: Context): Promise<number> {
  if (args.length > 1) throw new DockerFailure('you cannot start and attach multiple containers at once')
  const container = await api.get<Inspected>(`/containers/${encodeURIComponent(args[0] ?? '')}/json`)
  const stdin = flags.bool('interactive') && container.Config.OpenStdin
  checkTerminal(process, { stdin, tty: container.Config.Tty })
  const answer = await api.request('POST', `/containers/${container.Id}/attach`, { query: { stream: true, stdin, stdout: true, stderr: true }, headers: { connection: 'Upgrade', upgrade: 'tcp' } })
  const waited = await api.request('POST', `/containers/${container.Id}/wait`, { query: { condition: container.HostConfig.AutoRemove ? 'removed' : 'next-exit' } })
  if (!container.Config.Tty) passSignals(api, process, container.Id)
  await api.post(`/containers/${container.Id}/start`)
  if (answer.upgraded) await joinStreams(process, answer.upgraded, { stdin, tty: container.Config.Tty })
  for await (const line of jsonLines<{ StatusCode: number }>(waited.body)) return line.StatusCode
  return 0
}

const attach = leaf({
  use: 'attach [OPTIONS] CONTAINER', short: 'Attach local standard input, output, and error streams to a running container', args: { exactly: 1 }, ways: ways('attach'),
  flags: [string('detach-keys', 'Override the key sequence for detaching a container'), bool('no-stdin', 'Do not attach STDIN'), bool('sig-proxy', 'Proxy all received signals to the process', { default: true })],
  async run({ api, args, flags, process }) {
    const container = await api.get<Inspected>(`/containers/${encodeURIComponent(args[0] ?? '')}/json`)
    if (!container.State.Running) throw new DockerFailure('You cannot attach to a stopped container, start it first')
    if (container.State.Paused) throw new DockerFailure('You cannot attach to a paused container, unpause it first')
    if (container.State.Restarting) throw new DockerFailure('You cannot attach to a restarting container, wait until it is running')
    const stdin = !flags.bool('no-stdin') && container.Config.OpenStdin
    checkTerminal(process, { stdin, tty: container.Config.Tty })
    const waited = await api.request('POST', `/containers/${container.Id}/wait`, { query: { condition: 'next-exit' } })
    const answer = await api.request('POST', `/containers/${container.Id}/attach`, { query: { stream: true, stdin, stdout: true, stderr: true }, headers: { connection: 'Upgrade', upgrade: 'tcp' } })
    if (flags.bool('sig-proxy') && !container.Config.Tty) passSignals(api, process, container.Id)
    if (answer.upgraded) await joinStreams(process, answer.upgraded, { stdin, tty: container.Config.Tty })
    for await (const line of jsonLines<{ StatusCode: number }>(waited.body)) return line.StatusCode
    return 0
  },
})

const wait = leaf({
  use: 'wait CONTAINER [CONTAINER...]', short: 'Block until one or more containers stop, then print their exit codes', args: { atLeast: 1 }, ways: ways('wait'),
  run: (context) => each(context, async (name) => {
    const answer = await context.api.request('POST', `/containers/${encodeURIComponent(name)}/wait`)
    for await (const line of jsonLines<{ StatusCode: number }>(answer.body)) return String(line.StatusCode)
    return undefined
  }),
})

const rename = leaf({
  use: 'rename CONTAINER NEW_NAME', short: 'Rename a container', args: { exactly: 2 }, ways: ways('rename'),
  async run({ api, args: [old = '', name = ''] }) {
    if (old.trim() === '' || name.trim() === '') throw new DockerFailure('Error: Neither old nor new names may be empty')
    try {
      await api.post(`/containers/${encodeURIComponent(old)}/rename`, { query: { name } })
    } catch (error) {
      if (!(error instanceof DockerFailure)) throw error
      throw new DockerFailure(`${error.message}\nError: failed to rename container named ${old}`)
    }
    return 0
  },
})

export const pruneCommand: Command = leaf({
  use: 'prune [OPTIONS]', short: 'Remove all stopped containers', args: { exactly: 0 }, flags: [filterFlag('filter', 'Provide filter values (e.g. "until=<timestamp>")'), bool('force,f', 'Do not prompt for confirmation')],
  async run(context) {
    const { api, flags, process } = context
    if (!(await confirmed(context, 'WARNING! This will remove all stopped containers.\n'))) return 0
    const answer = await api.json<{ ContainersDeleted: string[] | null; SpaceReclaimed: number }>('POST', '/containers/prune', { query: { filters: filtersText(flags.list('filter')) } })
    const deleted = answer.ContainersDeleted ?? []
    await process.stdout.write(`${deleted.length > 0 ? `Deleted Containers:\n${deleted.map((id) => `${id}\n`).join('')}\n` : ''}Total reclaimed space: ${humanSize(answer.SpaceReclaimed)}\n`)
    return 0
  },
})

/** Asks on the terminal; `--force` answers by itself. */
export async function confirmed({ flags, process }: Context, warning: string): Promise<boolean> {
  if (flags.bool('force')) return true
  await process.stdout.write(`${warning}Are you sure you want to continue? [y/N] `)
  for await (const line of process.stdin.lines()) return /^y(es)?$/i.test(line.trim())
  return false
}

export const manageCommands: readonly Command[] = [
  start, stopping('stop', 'Stop one or more running containers'), stopping('restart', 'Restart one or more containers'), kill, simple('pause', 'Pause all processes within one or more containers'), simple('unpause', 'Unpause all processes within one or more containers'),
  remove, attach, wait, rename, updateCommand,
]
