/** The lines typed before: of this session, and of ~/.bash_history. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Shell } from '#engine/shell/state/shell'

const mostLines = 2000

export function loadHistory(shell: Shell): void {
  try {
    const lines = shell.files.readText(historyFile(shell)).split('\n').filter((line) => line !== '')
    shell.history.push(...lines.slice(-mostLines))
  } catch (error) {
    if (!isErrno(error)) throw error
  }
}

export function saveHistory(shell: Shell, from: number): void {
  const fresh = shell.history.slice(from)
  if (fresh.length === 0) return
  try {
    shell.files.appendFile(historyFile(shell), fresh.map((line) => `${line}\n`).join(''))
  } catch (error) {
    if (!isErrno(error)) throw error
  }
}

/** Debian's HISTCONTROL: no lines that begin with a space, no repetitions of the last. */
export function addHistory(shell: Shell, line: string): void {
  if (line.trim() === '' || line.startsWith(' ') || shell.history.at(-1) === line) return
  shell.history.push(line.replace(/\n/g, '; '))
  if (shell.history.length > mostLines) {
    shell.history.shift()
    shell.historyStart++
  }
}

/** `!!`, `!$`, `!n`, `!-n`, `!text`: undefined where an event is not found. */
export function expandHistory(line: string, history: readonly string[], start: number): { text: string; missing?: string } {
  let missing: string | undefined
  let quoted = false
  const text = line.replace(/'|\\!|!(?:!|\$|-?\d+|[A-Za-z][\w./-]*)/g, (found) => {
    if (found === "'") quoted = !quoted
    if (found === "'" || found === '\\!' || quoted) return found
    const event = lookUp(found.slice(1), history, start)
    if (event === undefined) missing ??= found
    return event ?? found
  })
  return missing === undefined ? { text } : { text, missing }
}

function lookUp(what: string, history: readonly string[], start: number): string | undefined {
  if (what === '!') return history.at(-1)
  if (what === '$') return history.at(-1)?.trim().split(/\s+/).at(-1)
  if (/^-\d+$/.test(what)) return history.at(Number(what))
  if (/^\d+$/.test(what)) return history[Number(what) - start]
  return [...history].reverse().find((line) => line.startsWith(what))
}

function historyFile(shell: Shell): string {
  return shell.vars.find('HISTFILE')?.scalar() ?? `${shell.vars.find('HOME')?.scalar() ?? '/root'}/.bash_history`
}
