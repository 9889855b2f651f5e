/** The lines typed before: of this session, and of ~/.bash_history. */
import { isErrno } from '#engine/linux/abi/errno'
import { escapeGlob, matchesGlob } from '#engine/shell/patterns/glob'
import type { Shell } from '#engine/shell/state/shell'

const mostLines = 2000

export function loadHistory(shell: Shell): void {
  try {
    const lines = shell.files.readText(historyFile(shell)).split('\n').filter((line) => line !== '')
    for (const line of lines.slice(-mostLines)) pushHistory(shell, line)
    shell.historySaved = shell.history.length
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

/** As HISTCONTROL and HISTIGNORE say: without lines that begin with a blank, that repeat the last, that are not wanted. */
export function addHistory(shell: Shell, typed: string): void {
  const line = joined(typed)
  if (line.trim() === '' || isIgnored(shell, line)) return
  pushHistory(shell, line)
  if (shell.history.length <= mostLines) return
  removeHistory(shell, 0, 1)
  shell.historyStart++
}

export function pushHistory(shell: Shell, line: string): void {
  shell.history.push(line)
  shell.historyTimes.push(shell.process.clock.now())
}

export function removeHistory(shell: Shell, from: number, count: number): void {
  shell.history.splice(from, count)
  shell.historyTimes.splice(from, count)
  if (from < shell.historySaved) shell.historySaved = Math.max(from, shell.historySaved - count)
}

function isIgnored(shell: Shell, line: string): boolean {
  const control = shell.vars.find('HISTCONTROL')?.scalar() ?? ''
  const spaces = /\bignore(space|both)\b/.test(control)
  const repeats = /\bignore(dups|both)\b/.test(control)
  if ((spaces && line.startsWith(' ')) || (repeats && shell.history.at(-1) === line)) return true
  if (control.includes('erasedups')) eraseRepeats(shell, line)
  const patterns = shell.vars.find('HISTIGNORE')?.scalar() ?? ''
  return patterns !== '' && patterns.split(':').some((pattern) => matchesGlob(pattern === '&' ? escapeGlob(shell.history.at(-1) ?? '') : pattern, line, { extglob: true }))
}

function eraseRepeats(shell: Shell, line: string): void {
  for (let at = shell.history.lastIndexOf(line); at >= 0; at = shell.history.lastIndexOf(line)) removeHistory(shell, at, 1)
}

/** A command of several lines becomes one, where that means the same: not with here-documents and open quotes. */
function joined(typed: string): string {
  const lines = typed.split('\n')
  if (lines.length === 1 || /<<|['"]/.test(typed)) return typed
  return lines.reduce((before, line) => (/\\$/.test(before) ? before.slice(0, -1) + line : `${before}${/(?:^|[\s;])(?:do|then|else|elif|in)$|[;{(&|]$/.test(before) ? ' ' : '; '}${line}`))
}

function historyFile(shell: Shell): string {
  return shell.vars.find('HISTFILE')?.scalar() ?? `${shell.vars.find('HOME')?.scalar() ?? '/root'}/.bash_history`
}
