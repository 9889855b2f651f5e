import type { Shell } from '#engine/shell/state/shell'

/** IFS; undefined where it is unset and blanks separate. */
export function ifsOf(shell: Shell): string | undefined {
  return shell.vars.find('IFS')?.scalar()
}

/** The first separator, that joins `"$*"`. */
export function ifsJoin(shell: Shell): string {
  const ifs = ifsOf(shell)
  return ifs === undefined ? ' ' : ifs.charAt(0)
}
