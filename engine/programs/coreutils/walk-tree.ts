import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { joinPath, namesIn } from '#engine/programs/coreutils/paths'

export type Walked = { readonly path: string; readonly stat: Stat } | { readonly path: string; readonly error: unknown }

/** Every path below, the directory itself first. */
export function* walkTree(process: Process, path: string): Generator<Walked> {
  let stat: Stat
  try {
    stat = process.files.lstat(path)
  } catch (error) {
    yield { path, error }
    return
  }
  yield { path, stat }
  if (stat.type !== 'directory') return
  let names: string[]
  try {
    names = namesIn(process, path)
  } catch (error) {
    yield { path, error }
    return
  }
  for (const name of names) yield* walkTree(process, joinPath(path, name))
}
