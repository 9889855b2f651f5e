/** if, for, while, case, select, (( )). */
import type { ArithmeticCommand, ArithmeticFor, Case, CaseItem, CompoundList, For, If, Select, While } from 'unbash'
import { guardExpansion, releaseAfterCommand } from '#engine/shell/interpreter/flow'
import { runDebugTrap } from '#engine/shell/interpreter/trap-run'
import { trace } from '#engine/shell/interpreter/trace'
import { readLine } from '#engine/shell/interpreter/input'
import { interruptible } from '#engine/shell/interpreter/interruptible'
import { isSpinning, spinMs } from '#engine/shell/interpreter/spinning'
import { quoteIfNeeded } from '#engine/shell/expand/quote'
import { matchesGlob } from '#engine/shell/patterns/glob'
import { assign, isName } from '#engine/shell/state/access'
import { BreakLoop, DiscardLine, ExpansionError, OutermostError, VariableError } from '#engine/shell/state/signals'
import type { Shell } from '#engine/shell/state/shell'
import { arithmeticEnd, splitArithmeticFor } from '#engine/shell/syntax/scanner'

async function condition(shell: Shell, list: CompoundList): Promise<boolean> {
  shell.conditionDepth++
  try {
    return (await shell.hooks.list(shell, list.commands)) === 0
  } finally {
    shell.conditionDepth--
  }
}

export async function runIf(shell: Shell, node: If): Promise<number> {
  if (await condition(shell, node.clause)) return shell.hooks.list(shell, node.then.commands)
  for (const branch of node.elif) if (await condition(shell, branch.clause)) return shell.hooks.list(shell, branch.then.commands)
  if (node.else) return shell.hooks.list(shell, node.else.commands)
  return (shell.status = 0)
}

/** Runs a loop's body once; false when the loop ends. */
async function turn(shell: Shell, body: CompoundList): Promise<boolean> {
  shell.loopDepth++
  const held = shell.afterCommand.length
  try {
    await shell.hooks.list(shell, body.commands)
    return true
  } catch (error) {
    if (!(error instanceof BreakLoop)) throw error
    if (error.levels > 1 && shell.loopDepth > 1) {
      error.levels--
      throw error
    }
    return error.again
  } finally {
    shell.loopDepth--
    releaseAfterCommand(shell, held)
  }
}

export async function runWhile(shell: Shell, node: While): Promise<number> {
  let status = 0
  const pause = isSpinning(shell, node) ? spinMs : 0
  shell.loopDepth++
  try {
    for (;;) {
      await shell.tick(pause)
      let passed: boolean
      try {
        passed = await condition(shell, node.clause)
      } catch (error) {
        if (!(error instanceof BreakLoop)) throw error
        if (error.levels > 1 && shell.loopDepth > 1) {
          error.levels--
          throw error
        }
        if (error.again) continue
        break
      }
      if (passed !== (node.kind === 'while')) break
      shell.loopDepth--
      try {
        if (!(await turn(shell, node.body))) {
          status = shell.status
          break
        }
      } finally {
        shell.loopDepth++
      }
      status = shell.status
    }
  } finally {
    shell.loopDepth--
  }
  return (shell.status = status)
}

function at(shell: Shell, pos: number): void {
  if (shell.source) shell.line = shell.source.lineAt(pos)
}

export async function runFor(shell: Shell, node: For): Promise<number> {
  at(shell, node.pos)
  const { line } = shell
  const name = node.name.text
  if (!isName(name)) {
    await shell.error(`\`${name}': not a valid identifier`)
    return (shell.status = 1)
  }
  const words = node.wordlist ? await guardExpansion(shell, () => shell.hooks.words.fields(shell, node.wordlist ?? [])) : [...shell.positional]
  const shown = node.wordlist ? node.wordlist.map((word) => word.text).join(' ') : '"$@"'
  let status = 0
  for (const word of words) {
    shell.line = line
    await shell.tick()
    shell.setCommand(`for ${name} in ${shown}`)
    await runDebugTrap(shell)
    await trace(shell, `for ${name} in ${shown}`)
    if (!(await setChosen(shell, name, () => choose(shell, name, word)))) return (shell.status = 1)
    const on = await turn(shell, node.body)
    status = shell.status
    if (!on) break
  }
  return (shell.status = status)
}

/** False where the variable may not be set: the loop ends, the line goes on. */
async function setChosen(shell: Shell, name: string, set: () => void): Promise<boolean> {
  try {
    await guardExpansion(shell, async () => {
      if (shell.vars.find(name)?.readonly) throw new VariableError(`${name}: readonly variable`)
      set()
    })
    return true
  } catch (error) {
    if (!(error instanceof DiscardLine) || error.outermost || !shell.vars.find(name)?.readonly) throw error
    return false
  }
}

/** A loop over a name reference lets it refer to one variable after the other. */
function choose(shell: Shell, name: string, word: string): void {
  const variable = shell.vars.find(name)
  if (variable?.nameref && !variable.readonly) variable.value = word
  else assign(shell, name, word)
}

export async function runArithmeticFor(shell: Shell, node: ArithmeticFor): Promise<number> {
  at(shell, node.pos)
  const text = shell.source?.text ?? ''
  const open = text.indexOf('((', node.pos) + 2
  const [initialize = '', test = '', update = ''] = splitArithmeticFor(text.slice(open, arithmeticEnd(text, open)))
  let status = 0
  if (!(await step(shell, initialize))) return (shell.status = 1)
  for (;;) {
    await shell.tick()
    if (test.trim() !== '') {
      await trace(shell, `(( ${test.trim()} ))`)
      const value = await evaluateCommand(shell, test)
      if (value === undefined) return (shell.status = 1)
      if (value === 0n) break
    }
    const on = await turn(shell, node.body)
    status = shell.status
    if (!on) break
    if (!(await step(shell, update))) return (shell.status = 1)
  }
  return (shell.status = status)
}

async function step(shell: Shell, text: string): Promise<boolean> {
  if (text.trim() === '') return true
  await trace(shell, `(( ${text.trimStart()} ))`)
  return (await evaluateCommand(shell, text)) !== undefined
}

/** The value, or undefined after an error was written. */
async function evaluateCommand(shell: Shell, text: string): Promise<bigint | undefined> {
  try {
    return await shell.hooks.words.arithmetic(shell, text)
  } catch (error) {
    if (!(error instanceof ExpansionError)) throw error
    if (error.fatal) return guardExpansion(shell, () => Promise.reject(error))
    if (error instanceof OutermostError) return guardExpansion(shell, () => Promise.reject(error))
    await shell.error(error instanceof VariableError ? error.message : `((: ${error.message}`)
    return undefined
  }
}

export async function runArithmetic(shell: Shell, node: ArithmeticCommand): Promise<number> {
  await shell.tick()
  shell.setCommand(`((${node.body}))`)
  await runDebugTrap(shell)
  await trace(shell, `(( ${node.body.trim()} ))`)
  const value = await evaluateCommand(shell, node.body)
  shell.pipeStatus = [value === undefined || value === 0n ? 1 : 0]
  return (shell.status = shell.pipeStatus[0] as number)
}

export async function runCase(shell: Shell, node: Case): Promise<number> {
  at(shell, node.pos)
  shell.setCommand(`case ${node.word.text} in `)
  await runDebugTrap(shell)
  await trace(shell, `case ${node.word.text} in`)
  const subject = await guardExpansion(shell, () => shell.hooks.words.text(shell, node.word.text))
  shell.status = 0
  let falling = false
  for (const item of node.items) {
    if (!falling && !(await matchesItem(shell, item, subject))) continue
    falling = false
    await shell.hooks.list(shell, item.body.commands)
    if (item.terminator === ';&') falling = true
    else if (item.terminator !== ';;&') break
  }
  return shell.status
}

async function matchesItem(shell: Shell, item: CaseItem, subject: string): Promise<boolean> {
  for (const word of item.pattern) {
    const pattern = await guardExpansion(shell, () => shell.hooks.words.pattern(shell, word.text))
    if (matchesGlob(pattern, subject, { extglob: true, ignoreCase: shell.options.shopt.get('nocasematch') ?? false })) return true
  }
  return false
}

export async function runSelect(shell: Shell, node: Select): Promise<number> {
  at(shell, node.pos)
  const name = node.name.text
  const words = node.wordlist ? await guardExpansion(shell, () => shell.hooks.words.fields(shell, node.wordlist ?? [])) : [...shell.positional]
  if (words.length === 0) return (shell.status = 0)
  await trace(shell, `select ${name} in ${node.wordlist ? node.wordlist.map((word) => word.text).join(' ') : '"$@"'}`)
  let menu = true
  for (;;) {
    const reply = await askFor(shell, words, menu)
    if (reply === undefined) return (shell.status = 1)
    assign(shell, 'REPLY', reply)
    menu = reply.trim() === ''
    if (menu) continue
    if (!(await setChosen(shell, name, () => assign(shell, name, chosen(words, reply))))) return (shell.status = 1)
    if (!(await turn(shell, node.body))) return shell.status
    menu = (shell.vars.find('REPLY')?.scalar() ?? '') === ''
  }
}

/** Shows the menu where it is wanted, and reads an answer; undefined at the end of input. */
async function askFor(shell: Shell, words: readonly string[], menu: boolean): Promise<string | undefined> {
  if (menu) await shell.complain(menuText(words, Number(shell.vars.find('COLUMNS')?.scalar() ?? 80) || 80))
  await shell.write(2, shell.vars.find('PS3')?.scalar() ?? '#? ')
  const reply = await readLine(interruptible(shell, shell.process.descriptor(0)))
  if (reply !== undefined && (reply.text !== '' || reply.complete)) return reply.text
  await shell.write(1, '\n')
  return undefined
}

/** The word that a number stands for; anything else chooses nothing. */
function chosen(words: readonly string[], reply: string): string {
  return (/^\s*\d+\s*$/.test(reply) ? words[Number(reply) - 1] : undefined) ?? ''
}

function menuText(words: readonly string[], columns: number): string {
  const digits = String(words.length).length
  const width = Math.max(...words.map((word) => word.length)) + digits + 2
  const perRow = Math.max(1, Math.min(Math.floor(columns / (width + 2)), words.length))
  const item = (index: number): string => `${String(index + 1).padStart(digits)}) ${words[index] ?? ''}`
  if (perRow === 1 || words.length < 2) return words.map((_, index) => item(index)).join('\n')
  const rows = Math.ceil(words.length / perRow)
  const lines: string[] = []
  for (let row = 0; row < rows; row++) {
    let line = ''
    for (let index = row; index < words.length; index += rows) line += index + rows < words.length ? item(index).padEnd(width + 2) : item(index)
    lines.push(line)
  }
  return rows === 1 ? words.map((_, index) => item(index)).join('\n') : lines.join('\n')
}

/** For traces of words. */
export const shown = quoteIfNeeded
export { DiscardLine }
