/** `docker cp`: as cp -a between a container and here, over archives. */
import { readEntries, type TarEntry } from '#engine/base/archive/ustar'
import { decodeUtf8, fromBase64 } from '#engine/base/bytes'
import { isErrno } from '#engine/linux/abi/errno'
import type { Files } from '#engine/linux/abi/files'
import { bool } from '#engine/programs/common/cobra/flags'
import type { Command } from '#engine/programs/common/cobra/command'
import { humanSize } from '#engine/cri/units'
import { archiveOf, extractArchive, treeEntries } from '#engine/cri/archive/tree'
import { bytesBody } from '#engine/base/http'
import { DockerFailure } from '../kit/api'
import { type Context, leaf } from '../kit/command'
import { cleanPath } from './mountflag'

export const cpCommand: Command = leaf({
  use: 'cp [OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n\tdocker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH', short: 'Copy files/folders between a container and the local filesystem', args: { exactly: 2 }, ways: ['docker container cp', 'docker cp'],
  flags: [bool('archive,a', 'Archive mode (copy all uid/gid information)'), bool('follow-link,L', 'Always follow symbol link in SRC_PATH'), bool('quiet,q', 'Suppress progress output during copy. Progress output is automatically suppressed if no terminal is attached')],
  run: copy,
})

async function copy(context: Context): Promise<number> {
  const [from = '', to = ''] = context.args
  if (from === '') throw new DockerFailure('source can not be empty')
  if (to === '') throw new DockerFailure('destination can not be empty')
  const [source, target] = [split(from), split(to)]
  if (source.container !== '' && target.container !== '') throw new DockerFailure('copying between containers is not supported')
  if (source.container === '' && target.container === '') throw new DockerFailure('must specify at least one container source')
  return source.container === '' ? copyIn(context, source.path, target.container, target.path) : copyOut(context, source.container, source.path, target.path)
}

/** `name:/path`; what begins with a slash or a dot is here. */
function split(text: string): { container: string; path: string } {
  const colon = text.indexOf(':')
  if (text.startsWith('/') || text.startsWith('.') || colon < 0) return { container: '', path: text }
  return { container: text.slice(0, colon), path: text.slice(colon + 1) }
}

interface PathStat { readonly name: string; readonly size: number; readonly mode: number; readonly linkTarget: string }

async function statInside({ api }: Context, container: string, path: string): Promise<PathStat | undefined> {
  try {
    const answer = await api.request('HEAD', `/containers/${encodeURIComponent(container)}/archive`, { query: { path } })
    return JSON.parse(decodeUtf8(fromBase64(answer.headers['x-docker-container-path-stat'] ?? ''))) as PathStat
  } catch (error) {
    if (error instanceof DockerFailure && error.status === 404) return undefined
    throw error
  }
}

const isDirectory = (stat: PathStat): boolean => (stat.mode & 0x80000000) !== 0

async function copyIn(context: Context, path: string, container: string, wanted: string): Promise<number> {
  const { api, process } = context
  await api.get(`/containers/${encodeURIComponent(container)}/json`)
  const inside = cleanPath('/', wanted)
  const { tar, directory } = path === '-' ? { tar: await process.stdin.readAll(), directory: inside } : packedFor(process, path, wanted, inside, await statInside(context, container, inside))
  if (directory !== inside && !(await statInside(context, container, directory))) throw new DockerFailure(`Error response from daemon: Could not find the file ${directory} in container ${container}`)
  await api.request('PUT', `/containers/${encodeURIComponent(container)}/archive`, { query: { path: directory, noOverwriteDirNonDir: true }, body: bytesBody(tar), headers: { 'content-type': 'application/x-tar' } })
  await summary(context, tar.length, `${container}:${wanted}`)
  return 0
}

/** What is sent, and where it is laid: into a directory that stands, else under the wanted name beside it. */
function packedFor(process: Context['process'], path: string, wanted: string, inside: string, known: PathStat | undefined): { tar: Uint8Array; directory: string } {
  const full = cleanPath(process.cwd(), path)
  const enters = known !== undefined && isDirectory(known)
  if (localStat(process.files, path) === undefined) throw new DockerFailure(`lstat ${full}: no such file or directory`)
  if (!enters) checkPlace(localStat(process.files, path) === 'directory', wanted, known)
  if (!enters) return { tar: archiveOf(renamed(process.files, full, baseOf(inside))), directory: parentOf(inside) }
  return { tar: archiveOf(renamed(process.files, full, path.endsWith('/.') || path === '.' ? '' : baseOf(full))), directory: inside }
}

function checkPlace(sourceIsDirectory: boolean, wanted: string, known: PathStat | undefined): void {
  if (!sourceIsDirectory && wanted.endsWith('/')) throw new DockerFailure(known ? 'not a directory' : 'no such directory')
  if (sourceIsDirectory && known) throw new DockerFailure('cannot copy directory')
}

/** The tree at a path under another name; '' for what is in it. */
function renamed(files: Files, path: string, name: string): TarEntry[] {
  const own = baseOf(path)
  return treeEntries(files, parentOf(path), [own]).flatMap((entry) => {
    const rest = entry.name.replace(/^\.?\//, '').slice(own.length)
    const next = name === '' ? rest.replace(/^\//, '') : `${name}${rest}`
    return next === '' ? [] : [{ ...entry, name: next, uid: 0, gid: 0, user: '', group: '' }]
  })
}

async function copyOut(context: Context, container: string, path: string, to: string): Promise<number> {
  const { api, process } = context
  const inside = cleanPath('/', path)
  const answer = await api.request('GET', `/containers/${encodeURIComponent(container)}/archive`, { query: { path: inside === '/' ? '/.' : inside } })
  const bytes = await answer.body.bytes()
  if (to === '-') {
    await process.stdout.write(bytes)
    return 0
  }
  const local = localStat(process.files, to)
  const entries = [...readEntries(bytes)]
  const own = entries[0]?.name.replace(/\/$/, '').split('/')[0] ?? ''
  checkTarget(process, to, local, entries[0]?.type === 'directory')
  const full = cleanPath(process.cwd(), to)
  const contents = path.endsWith('/.')
  const [directory, name] = local === 'directory' ? [full, contents ? '' : own] : [parentOf(full), baseOf(full)]
  const out = entries.flatMap((entry) => {
    const rest = entry.name.replace(/\/$/, '').slice(own.length)
    const next = name === '' ? rest.replace(/^\//, '') : `${name}${rest}`
    const owner = context.flags.bool('archive') ? {} : { uid: process.credentials.euid, gid: process.credentials.egid }
    return next === '' ? [] : [{ ...entry, name: next, ...owner }]
  })
  extractArchive(process.files, directory, archiveOf(out))
  await summary(context, bytes.length, to)
  return 0
}

function checkTarget(process: Context['process'], to: string, local: string | undefined, sourceIsDirectory: boolean): void {
  const parent = parentOf(cleanPath(process.cwd(), to))
  if (local === undefined && localStat(process.files, parent) !== 'directory') throw new DockerFailure(`invalid output path: directory "${parent}" does not exist`)
  if (local === undefined && to.endsWith('/') && !sourceIsDirectory) throw new DockerFailure('no such directory')
  if (sourceIsDirectory && local !== undefined && local !== 'directory') throw new DockerFailure('cannot copy directory')
}

/** Told on a terminal only. */
async function summary({ flags, process }: Context, size: number, target: string): Promise<void> {
  if (flags.bool('quiet') || !process.descriptors().get(2)?.tty) return
  await process.stderr.write(`Successfully copied ${humanSize(size, 3)} to ${target}\n`)
}

function localStat(files: Files, path: string): string | undefined {
  try {
    return files.stat(path).type
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
