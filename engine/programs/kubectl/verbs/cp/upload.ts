/** Files of this machine packed and unpacked by tar in the container. */
import type { Process } from '#engine/linux/abi/process'
import type { Stat } from '#engine/linux/abi/files'
import { encodeEntry, type TarEntry, trailer } from '#engine/base/archive/ustar'
import { expandGlob } from './glob'
import { CliError, ExitError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { execStreams } from '../exec/exec'
import { baseName, cleanPath, directoryName, joinPath, type RemoteSpec, targetOf } from './spec'

const chunkBytes = 32_768
const maxDepth = 256

export async function copyToPod(session: Session, source: string, spec: RemoteSpec): Promise<void> {
  if (!session.process.files.exists(source)) throw new CliError(`${source} doesn't exist in local filesystem`)
  const destination = (await isDirectory(session, spec)) ? joinPath(spec.file, baseName(source)) : cleanPath(spec.file)
  const { pod, container } = await targetOf(session, spec, false)
  const unpack = session.flags.bool('no-preserve') ? ['tar', '--no-same-permissions', '--no-same-owner', '-xmf', '-'] : ['tar', '-xmf', '-']
  await execStreams(session, pod, container, [...unpack, '-C', directoryName(destination)], {
    stdin: archive(session.process, source, baseName(destination)),
    stdout: (bytes) => session.process.stdout.write(bytes),
    stderr: (bytes) => session.process.stderr.write(bytes),
  })
}

async function isDirectory(session: Session, spec: RemoteSpec): Promise<boolean> {
  const { pod, container } = await targetOf(session, spec, true)
  const nowhere = (): Promise<void> => Promise.resolve()
  try {
    await execStreams(session, pod, container, ['test', '-d', spec.file], { stdout: nowhere, stderr: nowhere })
    return true
  } catch (error) {
    if (error instanceof ExitError || (error as Error).name !== 'ProcessKilled') return false
    throw error
  }
}

async function* archive(process: Process, source: string, name: string): AsyncGenerator<Uint8Array> {
  let length = 0
  for (const path of expandGlob(process, cleanPath(source))) {
    for (const entry of entriesOf(process, path, name, 0)) {
      const bytes = encodeEntry(entry)
      length += bytes.length
      for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
    }
  }
  yield trailer(length)
}

/** Directories stand in the archive only where they are empty. */
function* entriesOf(process: Process, path: string, name: string, depth: number): Generator<TarEntry> {
  const { files } = process
  const stat = files.lstat(path)
  if (depth > maxDepth) throw new CliError(`${path}: too many levels of directories`)
  if (stat.type === 'directory') {
    const inside = files.readDirectory(path).map((entry) => entry.name).filter((entry) => entry !== '.' && entry !== '..').sort()
    if (inside.length === 0) yield entryOf(stat, name, '', new Uint8Array(0))
    for (const child of inside) yield* entriesOf(process, `${path}/${child}`, `${name}/${child}`, depth + 1)
  } else if (stat.type === 'symlink') yield entryOf(stat, name, files.readlink(path), new Uint8Array(0))
  else if (stat.type === 'file') yield entryOf(stat, name, '', files.readFile(path))
}

function entryOf(stat: Stat, name: string, target: string, content: Uint8Array): TarEntry {
  const { type, mode, uid, gid, mtimeMs } = stat
  return { name, type: type as TarEntry['type'], mode, uid, gid, user: '', group: '', mtimeMs, target, content }
}
