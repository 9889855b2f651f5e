/** From a path to a program: stubs, `#!` scripts, permissions. */
import { decodeUtf8 } from '#engine/base/bytes'
import { Errno } from '#engine/linux/abi/errno'
import { decodeExecutable } from '#engine/linux/abi/executable'
import type { Executable } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import type { Attributes } from '#engine/linux/vfs/filesystem'
import { pathOf, type Place } from '#engine/linux/vfs/mount'
import { isPermitted, mayExecute } from '#engine/linux/vfs/permission'
import type { FilesContext } from '#engine/linux/vfs/context'
import { attributesOf, walk } from '#engine/linux/vfs/walk'

export interface Image {
  readonly program: Program
  readonly executable: Executable
  readonly argv: readonly string[]
  /** What the process table calls it: at most 15 characters. */
  readonly command: string
  readonly setUid: number | undefined
  readonly setGid: number | undefined
}

const maxScriptDepth = 5
const maxArguments = 2 * 1024 * 1024
/** Most stubs and all lines of interpreters are shorter; a longer stub is read again. */
const shortHead = 256
const headSize = 4096

export function loadImage(context: FilesContext, programs: ReadonlyMap<string, Program>, path: string, argv: readonly string[], env: ReadonlyMap<string, string>): Image {
  let size = 0
  for (const arg of argv) size += arg.length + 9
  for (const [name, value] of env) size += name.length + value.length + 10
  if (size > maxArguments) throw new Errno('E2BIG', path)
  return load(context, programs, path, argv, 0)
}

function load(context: FilesContext, programs: ReadonlyMap<string, Program>, path: string, argv: readonly string[], depth: number): Image {
  if (depth > maxScriptDepth) throw new Errno('ELOOP', path)
  const place = walk(context, path)
  const attributes = attributesOf(place)
  if (!mayRun(context, place, attributes)) throw new Errno('EACCES', path)
  const body = place.mount.fs.open(place.ino)
  const head = body.read(0, shortHead)
  if (decodeUtf8(head.subarray(0, 2)) === '#!') return script(context, programs, path, argv, head, depth)
  const stub = decodeExecutable(head) ?? decodeExecutable(body.read(0, headSize))
  const program = stub && programs.get(stub.program)
  if (!stub || !program) throw new Errno('ENOEXEC', path)
  const setId = setIdBits(context, place, attributes)
  return {
    program,
    executable: { path: pathOf(place, context.root), program: stub.program, attributes: stub.attributes },
    argv,
    command: (path.split('/').pop() ?? path).slice(0, 15),
    setUid: (setId & 0o4000) !== 0 ? attributes.uid : undefined,
    setGid: (setId & 0o2010) === 0o2010 ? attributes.gid : undefined,
  }
}

function setIdBits(context: FilesContext, place: Place, attributes: Attributes): number {
  return place.mount.options.includes('nosuid') || context.credentials.noNewPrivs === true ? 0 : attributes.mode
}

function mayRun(context: FilesContext, place: Place, attributes: Attributes): boolean {
  return attributes.type === 'file' && isPermitted(context.credentials, attributes, mayExecute) && !place.mount.options.includes('noexec')
}

function script(context: FilesContext, programs: ReadonlyMap<string, Program>, path: string, argv: readonly string[], head: Uint8Array, depth: number): Image {
  const end = head.indexOf(10)
  const line = decodeUtf8(head.subarray(2, Math.min(end < 0 ? head.length : end, 256))).replace(/^[ \t]+|[ \t]+$/g, '')
  const match = /^([^ \t]+)(?:[ \t]+([^]*))?$/.exec(line)
  if (!match) throw new Errno('ENOEXEC', path)
  const interpreter = match[1] as string
  const optional = match[2] === undefined ? [] : [match[2]]
  const image = load(context, programs, interpreter, [interpreter, ...optional, path, ...argv.slice(1)], depth + 1)
  return { ...image, command: (path.split('/').pop() ?? path).slice(0, 15), setUid: undefined, setGid: undefined }
}
