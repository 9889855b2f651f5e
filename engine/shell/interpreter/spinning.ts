/** Loops that only burn time: nobody can tell how often they turned, so each turn may cost much more of it. */
import type { CompoundList, Statement, While } from 'unbash'
import type { Shell } from '#engine/shell/state/shell'

const idleWords = new Set([':', 'true', 'false'])

/** Processor time of a turn: short enough for signals and limits to be heeded in between. */
export const spinMs = 20

/** `while :; do :; done`, where the words mean what they say and nothing is told of them. */
export function isSpinning(shell: Shell, { clause, body }: While): boolean {
  if (!isIdle(clause) || !isIdle(body)) return false
  return !shell.options.on('xtrace') && shell.traps.get('DEBUG') === undefined && ![...idleWords].some((word) => shell.functions.has(word) || shell.aliases.has(word))
}

function isIdle({ commands }: CompoundList): boolean {
  return commands.every(doesNothing)
}

function doesNothing({ command, background }: Statement): boolean {
  return !background && command.type === 'Command' && command.prefix.length === 0 && command.suffix.length === 0 && idleWords.has(command.name?.text ?? '')
}
