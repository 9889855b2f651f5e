/** hostPath volumes with the checks of their types. */
import type { Volume } from '#engine/api/kinds'
import type { Files, FileType } from '#engine/linux/abi/files'
import { MountError } from './errors'
import type { VolumePlugin, VolumeSetup } from './plugin'

const wanted: Readonly<Record<string, { readonly type: FileType; readonly words: string }>> = {
  Directory: { type: 'directory', words: 'is not a directory' },
  File: { type: 'file', words: 'is not a file' },
  Socket: { type: 'socket', words: 'is not a socket' },
  CharDevice: { type: 'character', words: 'is not a character device' },
  BlockDevice: { type: 'block', words: 'is not a block device' },
}

export function hostPathPlugin(files: Files): VolumePlugin {
  return {
    directory: 'kubernetes.io~host-path',
    handles: (volume: Volume) => volume.hostPath !== undefined,
    setUp: ({ volume }: VolumeSetup) => Promise.resolve(checkHostPath(files, volume.name, volume.hostPath?.path ?? '', volume.hostPath?.type ?? '')),
  }
}

export function checkHostPath(files: Files, name: string, path: string, type: string): string {
  const fail = (why: string): never => {
    throw new MountError(`MountVolume.SetUp failed for volume "${name}" : hostPath type check failed: ${path} ${why}`)
  }
  const stat = files.exists(path)
  if (type === '') {
    if (!stat) files.mkdirAll(path, 0o755)
    return path
  }
  if (type === 'DirectoryOrCreate') {
    if (!stat) files.mkdirAll(path, 0o755)
    else if (stat.type !== 'directory') fail('is not a directory')
    return path
  }
  if (type === 'FileOrCreate') {
    if (!stat) createFile(files, name, path)
    else if (stat.type === 'directory') fail('is not a file')
    return path
  }
  const want = wanted[type]
  if (!want) return fail(`has unknown type ${type}`)
  if (stat?.type !== want.type) fail(want.words)
  return path
}

/** The parent is not made: that is what DirectoryOrCreate is for. */
function createFile(files: Files, name: string, path: string): void {
  const parent = path.slice(0, path.lastIndexOf('/')) || '/'
  if (!files.exists(parent)) throw new MountError(`MountVolume.SetUp failed for volume "${name}" : open ${path}: no such file or directory`)
  files.writeFile(path, '', 0o644)
}
