/** `[[ ... ]]`. */
import { compareNumbers } from '#engine/shell/arithmetic/compare'
import type { TestCommand, TestExpression } from 'unbash'
import { guardExpansion } from '#engine/shell/interpreter/flow'
import { trace } from '#engine/shell/interpreter/trace'
import { runDebugTrap } from '#engine/shell/interpreter/trap-run'
import { compareFiles, fileTest, isFileTest } from '#engine/shell/builtins/test-files'
import { matchesGlob } from '#engine/shell/patterns/glob'
import { PatternError, posixRegExp } from '#engine/shell/patterns/posix'
import { ExpansionError } from '#engine/shell/state/signals'
import type { Shell } from '#engine/shell/state/shell'
import { IndexedArray } from '#engine/shell/state/variables'
import { printNode } from '#engine/shell/syntax/printer'
import { variableIsSet } from '#engine/shell/builtins/variable-set'

export async function runCondition(shell: Shell, node: TestCommand): Promise<number> {
  await shell.tick()
  if (shell.posixShell && !shell.ash) {
    await shell.error('[[: not found')
    return (shell.status = 127)
  }
  shell.setCommand(printNode(node, shell.source?.text ?? ''))
  await runDebugTrap(shell)
  try {
    shell.status = (await evaluate(shell, node.expression)) ? 0 : 1
  } catch (error) {
    if (error instanceof PatternError) shell.status = 2
    else if (error instanceof ExpansionError && !error.fatal && error instanceof ConditionFailure) {
      await shell.error(`[[: ${error.message}`)
      shell.status = 1
    } else return guardExpansion(shell, () => Promise.reject(error as Error))
  }
  shell.pipeStatus = [shell.status]
  return shell.status
}

class ConditionFailure extends ExpansionError {}

/** `negated`: a `!` stands before it, for the trace. */
async function evaluate(shell: Shell, expression: TestExpression, negated = false): Promise<boolean> {
  switch (expression.type) {
    case 'TestLogical': {
      const wanted = expression.operator === '||'
      for (const operand of expression.operands) if ((await evaluate(shell, operand)) === wanted) return wanted
      return !wanted
    }
    case 'TestNot': return (expression.negations.length % 2 === 1) !== (await evaluate(shell, expression.operand, expression.negations.length % 2 === 1))
    case 'TestGroup': return evaluate(shell, expression.expression)
    case 'TestUnary': return unary(shell, expression.operator, expression.operand.text, negated)
    case 'TestBinary': return binary(shell, expression, negated)
  }
}

function text(shell: Shell, word: string): Promise<string> {
  return guardExpansion(shell, () => shell.hooks.words.text(shell, word))
}

/** In a trace nothing is quoted, but what is empty is seen. */
const seen = (value: string): string => (value === '' ? "''" : value)

function traceTest(shell: Shell, negated: boolean, words: readonly string[]): Promise<void> {
  return trace(shell, `[[ ${negated ? '! ' : ''}${words.join(' ')} ]]`)
}

const unaryTests: Readonly<Record<string, (shell: Shell, operand: string) => boolean>> = {
  '-z': (_, operand) => operand === '',
  '-n': (_, operand) => operand !== '',
  '-v': variableIsSet,
  '-R': (shell, operand) => shell.vars.find(operand)?.nameref ?? false,
  '-o': (shell, operand) => shell.options.on(operand),
}

async function unary(shell: Shell, operator: string, word: string, negated: boolean): Promise<boolean> {
  const operand = await text(shell, word)
  await traceTest(shell, negated, [operator, seen(operand)])
  const test = unaryTests[operator]
  if (test) return test(shell, operand)
  return isFileTest(operator) ? fileTest(shell.process, operator, operand) : operand !== ''
}

async function binary(shell: Shell, { operator, left: { text: leftWord }, right: { text: rightWord } }: TestExpression & { type: 'TestBinary' }, negated: boolean): Promise<boolean> {
  const left = await text(shell, leftWord)
  if (operator === '=~') return regex(shell, left, rightWord, negated)
  const pattern = operator === '=' || operator === '==' || operator === '!='
  const right = await (pattern ? guardExpansion(shell, () => shell.hooks.words.pattern(shell, rightWord)) : text(shell, rightWord))
  await traceTest(shell, negated, [seen(left), operator, seen(right)])
  if (pattern) return matchesGlob(right, left, { extglob: true, ignoreCase: shell.options.shopt.get('nocasematch') ?? false }) === (operator !== '!=')
  switch (operator) {
    case '<': return left < right
    case '>': return left > right
    case '-nt': case '-ot': case '-ef': return compareFiles(shell.process, operator, left, right)
    default: return compareNumbers(operator, await number(shell, left), await number(shell, right))
  }
}

async function number(shell: Shell, value: string): Promise<bigint> {
  try {
    return await shell.hooks.words.arithmetic(shell, value)
  } catch (error) {
    if (error instanceof ExpansionError && !error.fatal) throw new ConditionFailure(error.message)
    throw error
  }
}

async function regex(shell: Shell, left: string, rightWord: string, negated: boolean): Promise<boolean> {
  const pattern = await guardExpansion(shell, () => shell.hooks.words.regex(shell, rightWord))
  await traceTest(shell, negated, [seen(left), '=~', pattern])
  if (/^[*+?]|\|[*+?]|\([*+]|\^[*+?]/.test(pattern)) throw new PatternError('Invalid preceding regular expression')
  const match = posixRegExp(pattern, { extended: true, ignoreCase: shell.options.shopt.get('nocasematch') ?? false }).exec(left)
  shell.vars.obtain('BASH_REMATCH').value = new IndexedArray(match ? [...match].map((group) => group ?? '') : [])
  return match !== null
}
