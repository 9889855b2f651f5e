/** Finding a command along PATH, and becoming it. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { complain, reason } from '#engine/programs/common/gnu'

/** The executable of a name along PATH. */
export function which(process: Process, name: string, path = process.env.get('PATH') ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'): string | undefined {
  if (name.includes('/')) return name
  for (const directory of path.split(':')) {
    const candidate = `${directory || '.'}/${name}`
    try {
      if (process.files.exists(candidate)?.type === 'file' && process.files.access(candidate, { execute: true })) return candidate
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }
  return undefined
}

/** Becomes a command; the complaint's form is the caller's. */
export async function become(process: Process, words: readonly string[], env: ReadonlyMap<string, string>, message: (name: string, text: string) => string): Promise<number> {
  const name = words[0] as string
  const path = which(process, name, env.get('PATH') ?? process.env.get('PATH'))
  try {
    if (path === undefined) {
      await complain(process, message(name, 'No such file or directory'))
      return 127
    }
    return await process.exec(path, words, env)
  } catch (error) {
    if (isErrno(error, 'ENOEXEC')) return process.exec('/bin/sh', ['sh', path as string, ...words.slice(1)], env)
    await complain(process, message(name, reason(error)))
    return isErrno(error, 'ENOENT') ? 127 : 126
  }
}
