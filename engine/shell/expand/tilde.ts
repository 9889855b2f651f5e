/** `~`, `~user`, `~+`, `~-`. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Shell } from '#engine/shell/state/shell'

/** What a tilde prefix stands for; undefined where it stands for itself. */
export function tilde(shell: Shell, name: string): string | undefined {
  if (name === '') return shell.vars.find('HOME')?.scalar() ?? homeOf(shell, undefined)
  if (name === '+') return shell.vars.find('PWD')?.scalar()
  if (name === '-') return shell.vars.find('OLDPWD')?.scalar()
  return /^[A-Za-z_][\w.-]*$/.test(name) ? homeOf(shell, name) : undefined
}

function homeOf(shell: Shell, user: string | undefined): string | undefined {
  try {
    for (const line of shell.files.readText('/etc/passwd').split('\n')) {
      const fields = line.split(':')
      if (user === undefined ? Number(fields[2]) === shell.process.credentials.uid : fields[0] === user) return fields[5]
    }
  } catch (error) {
    if (!isErrno(error)) throw error
  }
  return undefined
}
