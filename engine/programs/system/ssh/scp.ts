/** `scp`: copies files to and from other machines over SFTP. */
import { fromBase64, toBase64 } from '#engine/base/bytes'
import { UsageError } from '#engine/linux/abi/flags'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { logIn, SshFailure } from './client'
import { parseSsh } from './config'
import { Sftp, type SftpStat } from './sftp'

const usage = `usage: scp [-346ABCOpqRrsTv] [-c cipher] [-D sftp_server_path] [-F ssh_config]
           [-i identity_file] [-J destination] [-l limit] [-o ssh_option]
           [-P port] [-S program] [-X sftp_option] source ... target
`

interface ScpOptions {
  readonly sshArgs: string[]
  recursive: boolean
  preserve: boolean
  quiet: boolean
}

interface Remote {
  readonly destination: string
  readonly path: string
}

export const scp: Program = {
  name: 'scp',
  async run(process) {
    const options: ScpOptions = { sshArgs: [], recursive: false, preserve: false, quiet: false }
    try {
      const operands = parse(options, process.argv.slice(1))
      if (operands.length < 2) throw new UsageError(usage)
      const target = operands.pop() as string
      const to = remoteOf(target)
      let code = 0
      for (const source of operands) {
        const from = remoteOf(source)
        const result = to ? await upload(process, options, source, to) : from ? await download(process, options, from, target) : await local(process, options, source, target)
        code = result || code
      }
      return code
    } catch (error) {
      if (!(error instanceof SshFailure) && !(error instanceof UsageError)) throw error
      await process.stderr.write(error instanceof SshFailure ? `${error.message}\r\nscp: Connection closed\r\n` : error.message)
      return error instanceof SshFailure ? 255 : 1
    }
  },
}

function parse(options: ScpOptions, args: readonly string[]): string[] {
  const operands: string[] = []
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as string
    if (!arg.startsWith('-') || arg === '-') {
      operands.push(arg)
      continue
    }
    for (const letter of arg.slice(1)) {
      if (letter === 'r') options.recursive = true
      else if (letter === 'p') options.preserve = true
      else if (letter === 'q') options.quiet = true
      else if ('PioFJlcSDX'.includes(letter)) {
        options.sshArgs.push(letter === 'P' ? '-p' : `-${letter}`, args[++index] ?? '')
        break
      } else if (!'346ABCORsTvO'.includes(letter)) throw new UsageError(`scp: unknown option -- ${letter}\n${usage}`)
    }
  }
  return operands
}

/** `user@host:path`; a colon after a slash is part of a name. */
function remoteOf(text: string): Remote | undefined {
  const colon = text.indexOf(':')
  if (colon <= 0 || text.slice(0, colon).includes('/')) return undefined
  return { destination: text.slice(0, colon), path: text.slice(colon + 1) || '.' }
}

async function connect(process: Process, options: ScpOptions, destination: string): Promise<Sftp> {
  const ssh = parseSsh(process, [...options.sshArgs, destination])
  const { wire } = await logIn(process, ssh)
  await wire.send('open', { subsystem: 'sftp', env: [] })
  return new Sftp(wire)
}

async function upload(process: Process, options: ScpOptions, source: string, to: Remote): Promise<number> {
  const sftp = await connect(process, options, to.destination)
  const from = process.files.exists(source)
  if (!from) {
    await process.stderr.write(`scp: stat local "${source}": No such file or directory\n`)
    return 255
  }
  const there = (await sftp.ask({ op: 'stat', path: to.path })).stat
  const name = baseName(source)
  const path = there?.type === 'directory' || to.path.endsWith('/') ? `${to.path.replace(/\/$/, '')}/${name}` : to.path
  if (!there && to.path.endsWith('/')) {
    await process.stderr.write(`scp: dest open "${to.path}": No such file or directory\nscp: failed to upload file ${source} to ${to.path}\n`)
    return 1
  }
  if (from.type === 'directory' && !options.recursive) {
    await process.stderr.write(`scp: local "${source}" is not a regular file\nscp: failed to upload file ${source} to ${to.path}\n`)
    return 1
  }
  return from.type === 'directory' ? uploadTree(process, options, sftp, source, path) : uploadFile(process, options, sftp, source, path)
}

async function uploadFile(process: Process, options: ScpOptions, sftp: Sftp, source: string, path: string): Promise<number> {
  const { mode, mtimeMs } = process.files.stat(source)
  const content = process.files.readFile(source)
  const { error } = await sftp.ask({ op: 'write', path, content: toBase64(content), mode: mode & 0o777, ...(options.preserve ? { mtimeMs } : {}) })
  if (error !== undefined) {
    await process.stderr.write(`scp: dest open "${path}": ${error}\nscp: failed to upload file ${source} to ${path}\n`)
    return 1
  }
  await progress(process, options, baseName(source), content.length)
  return 0
}

async function uploadTree(process: Process, options: ScpOptions, sftp: Sftp, source: string, path: string): Promise<number> {
  const made = await sftp.ask({ op: 'mkdir', path, mode: process.files.stat(source).mode & 0o777 })
  if (made.error === 'No such file or directory' || made.error === 'Permission denied') {
    await process.stderr.write(`scp: remote mkdir "${path}": ${made.error}\n`)
    return 1
  }
  let code = 0
  for (const entry of process.files.readDirectory(source)) {
    const below = `${source}/${entry.name}`
    const result = process.files.stat(below).type === 'directory' ? await uploadTree(process, options, sftp, below, `${path}/${entry.name}`) : await uploadFile(process, options, sftp, below, `${path}/${entry.name}`)
    code = result || code
  }
  return code
}

async function download(process: Process, options: ScpOptions, from: Remote, target: string): Promise<number> {
  const sftp = await connect(process, options, from.destination)
  const { stat, error } = await sftp.ask({ op: 'stat', path: from.path })
  if (!stat) {
    await process.stderr.write(`scp: ${from.path}: ${error ?? 'Failure'}\n`)
    return 1
  }
  if (stat.type === 'directory' && !options.recursive) {
    await process.stderr.write(`scp: download ${from.path}: not a regular file\n`)
    return 1
  }
  const there = process.files.exists(target)
  const path = there?.type === 'directory' ? `${target.replace(/\/$/, '')}/${baseName(from.path)}` : target
  return fetch(process, options, sftp, from.path, path, stat)
}

async function fetch(process: Process, options: ScpOptions, sftp: Sftp, from: string, to: string, stat: SftpStat): Promise<number> {
  if (stat.type !== 'directory') {
    const { content, error } = await sftp.ask({ op: 'read', path: from })
    if (content === undefined) {
      await process.stderr.write(`scp: remote open "${from}": ${error ?? 'Failure'}\n`)
      return 1
    }
    const bytes = fromBase64(content)
    process.files.writeFile(to, bytes, stat.mode & 0o777)
    if (options.preserve) process.files.utimes(to, stat.mtimeMs, stat.mtimeMs)
    await progress(process, options, baseName(from), bytes.length)
    return 0
  }
  process.files.mkdirAll(to, stat.mode & 0o777)
  let code = 0
  for (const name of (await sftp.ask({ op: 'list', path: from })).names ?? []) {
    const below = (await sftp.ask({ op: 'stat', path: `${from}/${name}` })).stat
    if (below) code = (await fetch(process, options, sftp, `${from}/${name}`, `${to}/${name}`, below)) || code
  }
  return code
}

async function local(process: Process, options: ScpOptions, source: string, target: string): Promise<number> {
  const status = await process.spawn('/usr/bin/cp', ['cp', ...(options.recursive ? ['-r'] : []), ...(options.preserve ? ['-p'] : []), '--', source, target]).wait()
  return status.kind === 'exited' ? status.code : 1
}

async function progress(process: Process, options: ScpOptions, name: string, size: number): Promise<void> {
  if (options.quiet || !process.descriptors().get(1)?.tty) return
  const amount = size < 1024 ? `${size}` : size < 1024 ** 2 ? `${Math.floor(size / 1024)}KB` : `${Math.floor(size / 1024 ** 2)}MB`
  await process.stdout.write(`${name.padEnd(60)}100% ${amount.padStart(4)}     1.2MB/s   00:00    \n`)
}

function baseName(path: string): string {
  return path.replace(/\/+$/, '').split('/').pop() ?? path
}
