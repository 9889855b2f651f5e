/** `set -x`. */
import { quoteIfNeeded, quoteValue } from '#engine/shell/expand/quote'
import { expandPrompt } from '#engine/shell/expand/prompt'
import type { PreparedAssignment } from '#engine/shell/interpreter/assignment'
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

export async function traceWords(shell: Shell, words: readonly string[]): Promise<void> {
  if (shell.options.on('xtrace')) await trace(shell, words.map(quoteIfNeeded).join(' '))
}

export async function traceAssignment(shell: Shell, one: PreparedAssignment): Promise<void> {
  if (!shell.options.on('xtrace')) return
  const index = one.index === undefined ? '' : `[${one.index}]`
  await trace(shell, typeof one.value === 'string' ? `${one.name}${index}${one.append ? '+' : ''}=${quoteValue(one.value)}` : one.text)
}
