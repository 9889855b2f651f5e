/** `docker run` and `docker create`: the image fetched where it is missing, the container made, started and followed. */
import type { Command } from '#engine/programs/common/cobra/command'
import { signalNumbers, type Signal } from '#engine/linux/abi/signals'
import { parseReference, ReferenceError } from '#engine/cri/images/reference'
import { type Api, DockerFailure, jsonLines } from '../kit/api'
import { type Context, leaf } from '../kit/command'
import { printProgress } from '../kit/progress'
import { checkTerminal, joinStreams } from '../kit/streams'
import { createFlags, runFlags } from './flags.table'
import { requestOf } from './request'

export const runCommand: Command = leaf({
  use: 'run [OPTIONS] IMAGE [COMMAND] [ARG...]', short: 'Create and run a new container from an image', flags: runFlags, args: { atLeast: 1 }, stopAtOperand: true, ways: ['docker container run', 'docker run'],
  run: (context) => withAdvice(context, 'run', () => run(context)),
})

export const createCommand: Command = leaf({
  use: 'create [OPTIONS] IMAGE [COMMAND] [ARG...]', short: 'Create a new container', flags: createFlags, args: { atLeast: 1 }, stopAtOperand: true, ways: ['docker container create', 'docker create'],
  run: async (context) => {
    const streams = attachedStreams(context, false)
    const id = await withAdvice(context, 'create', () => create(context, streams))
    await context.process.stdout.write(`${id}\n`)
    return 0
  },
})

interface Attached { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean }

/** What fails is told as docker's own complaint with where help is; the exit code tells whose fault it was. */
async function withAdvice<T>({ process }: Context, command: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof DockerFailure) || error.message === '' || error.message === 'the input device is not a TTY') throw error
    if (command === 'create' && error.status > 0) throw error
    await process.stderr.write(`docker: ${error.message}\n\nRun 'docker ${command} --help' for more information\n`)
    throw new DockerFailure('', error.exitCode === 1 ? codeOf(error.message) : error.exitCode)
  }
}

/** 127 for a program that is not there, 126 for one that cannot be run, 125 for all else. */
function codeOf(message: string): number {
  if (!message.startsWith('Error response from daemon: ') || !/OCI runtime|exec:/.test(message)) return 125
  if (/executable file not found|no such file or directory|system cannot find the file specified/.test(message)) return 127
  return /permission denied|is a directory/.test(message) ? 126 : 125
}

function attachedStreams({ flags }: Context, detached: boolean): Attached {
  const given = flags.list('attach').map((name) => name.toLowerCase())
  if (detached && given.length > 0) throw new DockerFailure('conflicting options: cannot specify both --attach and --detach')
  if (detached) return { stdin: false, stdout: false, stderr: false }
  if (given.length > 0) return { stdin: given.includes('stdin'), stdout: given.includes('stdout'), stderr: given.includes('stderr') }
  return { stdin: flags.bool('interactive'), stdout: true, stderr: true }
}

async function run(context: Context): Promise<number> {
  const { flags, process } = context
  const detached = flags.bool('detach')
  if (flags.bool('rm') && flags.string('restart') !== 'no' && flags.changed('restart')) throw new DockerFailure('conflicting options: cannot specify both --restart and --rm')
  const streams = attachedStreams(context, detached)
  if (!detached) checkTerminal(process, { stdin: streams.stdin, tty: flags.bool('tty') })
  const id = await create(context, streams)
  if (detached) return startDetached(context, id)
  return follow(context, id, streams)
}

async function startDetached({ api, process }: Context, id: string): Promise<number> {
  try {
    await api.post(`/containers/${id}/start`)
  } finally {
    await process.stdout.write(`${id}\n`)
  }
  return 0
}

async function follow({ api, flags, process }: Context, id: string, streams: Attached): Promise<number> {
  const answer = await api.request('POST', `/containers/${id}/attach`, { query: { stream: true, ...streams }, headers: { connection: 'Upgrade', upgrade: 'tcp' } })
  const waited = api.request('POST', `/containers/${id}/wait`, { query: { condition: flags.bool('rm') ? 'removed' : 'next-exit' } })
  const ended = waited.then(exitCode)
  ended.catch(() => undefined)
  await waited
  if (flags.bool('sig-proxy') && !flags.bool('tty')) passSignals(api, process, id)
  await api.post(`/containers/${id}/start`)
  if (answer.upgraded) await joinStreams(process, answer.upgraded, { stdin: streams.stdin, tty: flags.bool('tty') })
  return ended
}

async function exitCode(answer: Awaited<ReturnType<Api['request']>>): Promise<number> {
  for await (const line of jsonLines<{ StatusCode: number }>(answer.body)) return line.StatusCode
  return 125
}

/** What this process is told, the container is told. */
export function passSignals(api: Api, process: Context['process'], id: string): void {
  for (const signal of Object.keys(signalNumbers) as Signal[]) {
    if (['SIGKILL', 'SIGSTOP', 'SIGCHLD', 'SIGPIPE', 'SIGURG', 'SIGWINCH', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGCONT'].includes(signal)) continue
    process.handle(signal, () => process.background(async () => {
      try {
        await api.post(`/containers/${id}/kill`, { query: { signal } })
      } catch (error) {
        if (!(error instanceof DockerFailure)) throw error
      }
    }))
  }
}

async function create(context: Context, streams: Attached): Promise<string> {
  const { api, args, flags, process } = context
  const [image = '', ...command] = args
  const cidfile = flags.string('cidfile')
  if (cidfile !== '' && process.files.exists(cidfile)) throw new DockerFailure(`container ID file found, make sure the other container isn't running or delete ${cidfile}`)
  if (!['always', 'missing', 'never'].includes(flags.string('pull'))) throw new DockerFailure(`invalid pull option: '${flags.string('pull')}': must be one of "always", "missing" or "never"`)
  const request = requestOf(process, flags, image, command, streams)
  checkReference(image)
  if (flags.string('pull') === 'always') await pull(context, image)
  const send = (): Promise<{ Id: string; Warnings?: string[] | null }> => api.json('POST', '/containers/create', { query: flags.string('name') === '' ? {} : { name: flags.string('name') }, json: request })
  let made
  try {
    made = await send()
  } catch (error) {
    const missing = error instanceof DockerFailure && error.status === 404 && error.message.includes('No such image') && flags.string('pull') === 'missing'
    if (!missing) throw error
    await process.stderr.write(`Unable to find image '${withLatest(image)}' locally\n`)
    await pull(context, image)
    made = await send()
  }
  for (const warning of made.Warnings ?? []) await process.stderr.write(`WARNING: ${warning}\n`)
  if (cidfile !== '') process.files.writeFile(cidfile, made.Id)
  return made.Id
}

async function pull({ api, process, flags }: Context, image: string): Promise<void> {
  const { name, tag } = splitName(image)
  const answer = await api.request('POST', '/images/create', { query: { fromImage: name, tag } })
  await printProgress(flags.bool('quiet') ? undefined : process.stderr, answer.body)
}

export function checkReference(image: string): void {
  if (/^[a-f0-9]{12,64}$/.test(image) || image.startsWith('sha256:')) return
  try {
    parseReference(image)
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error
    throw new DockerFailure(error.message)
  }
}

export function splitName(image: string): { name: string; tag: string } {
  const digest = image.indexOf('@')
  if (digest >= 0) return { name: image.slice(0, digest), tag: image.slice(digest + 1) }
  const colon = image.lastIndexOf(':')
  return colon > image.lastIndexOf('/') ? { name: image.slice(0, colon), tag: image.slice(colon + 1) } : { name: image, tag: 'latest' }
}

function withLatest(image: string): string {
  return image.includes('@') || image.lastIndexOf(':') > image.lastIndexOf('/') ? image : `${image}:latest`
}
