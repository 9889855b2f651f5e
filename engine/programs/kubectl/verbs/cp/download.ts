/** Files of a container, packed there by tar and written here. */
import { concatBytes } from '#engine/base/bytes'
import { isErrno } from '#engine/linux/abi/errno'
import { readEntries, type TarEntry, TarProblem } from '#engine/base/archive/ustar'
import { CliError, ExitError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { execStreams } from '../exec/exec'
import { cleanPath, directoryName, joinPath, type RemoteSpec, targetOf } from './spec'

const limitBytes = 1024 * 1024 * 1024

export async function copyFromPod(session: Session, spec: RemoteSpec, destination: string): Promise<void> {
  const { pod, container } = await targetOf(session, spec, false)
  const chunks: Uint8Array[] = []
  let size = 0
  const ends = {
    stdout: (bytes: Uint8Array) => {
      size += bytes.length
      if (size > limitBytes) throw new CliError('the archive is larger than 1 GiB')
      chunks.push(bytes)
      return Promise.resolve()
    },
    stderr: (bytes: Uint8Array) => session.process.stderr.write(bytes),
  }
  try {
    await execStreams(session, pod, container, packCommand(session, spec.file), ends)
  } catch (error) {
    // Who reads an archive to its end is done, and learns no more of how tar ended.
    if (!(error instanceof ExitError) || !isComplete(concatBytes(chunks))) throw error
  }
  try {
    await new Unpacking(session, spec, destination).run(concatBytes(chunks))
  } catch (error) {
    if (error instanceof TarProblem) throw new CliError(error.message === 'Unexpected EOF in archive' ? 'unexpected EOF' : 'archive/tar: invalid tar header')
    throw error
  }
}

function isComplete(bytes: Uint8Array): boolean {
  return bytes.length >= 1024 && bytes.subarray(-1024).every((byte) => byte === 0)
}

function packCommand(session: Session, file: string): string[] {
  return session.flags.number('retries') === 0 ? ['tar', 'cf', '-', file] : ['sh', '-c', `tar cf - ${file} | tail -c+0`]
}

class Unpacking {
  private readonly prefix: string
  private warned = false

  constructor(
    private readonly session: Session,
    private readonly spec: RemoteSpec,
    private readonly destination: string,
  ) {
    this.prefix = withoutShortcuts(cleanPath(spec.file.replace(/^\/+/, '')))
  }

  async run(bytes: Uint8Array): Promise<void> {
    for (const entry of readEntries(bytes)) {
      if (!entry.name.startsWith(this.prefix)) throw new CliError('tar contents corrupted')
      const path = joinPath(this.destination, entry.name.slice(this.prefix.length))
      if (isInside(this.destination, path)) await this.write(entry, path)
      else await this.session.err(`warning: file ${JSON.stringify(path)} is outside target destination, skipping\n`)
    }
  }

  private async write(entry: TarEntry, path: string): Promise<void> {
    const { files } = this.session.process
    try {
      files.mkdirAll(directoryName(path), 0o755)
      if (entry.type === 'directory') files.mkdirAll(path, 0o755)
      else if (entry.type === 'symlink') await this.skipLink(entry, path)
      else files.writeFile(path, entry.content, 0o666)
    } catch (error) {
      if (isErrno(error)) throw new CliError(`open ${path}: ${error.message.toLowerCase()}`)
      throw error
    }
  }

  private async skipLink(entry: TarEntry, path: string): Promise<void> {
    const { namespace, pod, file } = this.spec
    const link = `warning: skipping symlink: ${JSON.stringify(path)} -> ${JSON.stringify(entry.target)}`
    const advice = this.warned ? '' : ` (consider using "kubectl exec -n ${JSON.stringify(namespace)} ${JSON.stringify(pod)} -- tar cf - ${JSON.stringify(file)} | tar xf -")`
    this.warned = true
    await this.session.err(`${link}${advice}\n`)
  }
}

function withoutShortcuts(path: string): string {
  if (path === '.' || path === '..') return ''
  return path.replace(/^(?:\.\.\/)+/, '')
}

function isInside(base: string, path: string): boolean {
  const root = cleanPath(base)
  return path === root || root === '.' ? !path.startsWith('..') : root === '/' || path.startsWith(`${root}/`)
}
