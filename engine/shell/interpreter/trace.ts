/** `set -x`. */
import { quoteIfNeeded, quoteValue, singleQuote } from '#engine/shell/expand/quote'
import { expandPrompt } from '#engine/shell/expand/prompt'
import type { ArrayElement, PreparedAssignment } from '#engine/shell/interpreter/assignment'
import type { Shell } from '#engine/shell/state/shell'
import { isErrno } from '#engine/linux/abi/errno'

export async function trace(shell: Shell, text: string): Promise<void> {
  if (!shell.options.on('xtrace')) return
  const fd = Number(shell.vars.find('BASH_XTRACEFD')?.scalar() ?? '2')
  shell.options.put('xtrace', false)
  try {
    const prompt = await expandPrompt(shell, shell.vars.find('PS4')?.scalar() ?? '+ ')
    const first = String.fromCodePoint(prompt.codePointAt(0) ?? 43)
    await shell.write(fd, `${first.repeat(shell.traceLevel)}${prompt}${text}\n`)
  } catch (error) {
    if (!isErrno(error)) throw error
  } finally {
    shell.options.put('xtrace', true)
  }
}

/** A value that was written as a list: its elements as they became, each in quotes. */
function tracedElements(one: PreparedAssignment): string {
  const elements = (one.value as readonly ArrayElement[]).map(({ key, value }) => `${key === undefined ? '' : `['${key}']=`}${singleQuote(value)}`)
  return `${one.name}${one.append ? '+' : ''}=(${elements.join(' ')})`
}

/** `declare a=(...)`: each list stands on a line of its own, and the command without it. */
export async function traceDeclared(shell: Shell, words: readonly string[], assignments: ReadonlyMap<number, PreparedAssignment>): Promise<void> {
  const shown: string[] = []
  for (const [index, word] of words.entries()) {
    const one = assignments.get(index)
    if (one && typeof one.value !== 'string') {
      await trace(shell, tracedElements(one))
      shown.push(one.name)
    } else shown.push(tracedWord(word))
  }
  await trace(shell, shown.join(' '))
}

/** What holds no special character but a control character is written with `$'`. */
export function tracedWord(word: string): string {
  return /[\s'"\\|&;()<>!{}*[\]?^$`]|^[~#]|[=:]~/.test(word) && word !== '' ? singleQuote(word) : quoteIfNeeded(word)
}

export async function traceWords(shell: Shell, words: readonly string[]): Promise<void> {
  if (shell.options.on('xtrace')) await trace(shell, words.map(tracedWord).join(' '))
}

export async function traceAssignment(shell: Shell, one: PreparedAssignment): Promise<void> {
  if (!shell.options.on('xtrace')) return
  const index = one.index === undefined ? '' : `[${one.index}]`
  await trace(shell, typeof one.value === 'string' ? `${one.name}${index}${one.append ? '+' : ''}=${quoteValue(one.value)}` : one.text)
}
