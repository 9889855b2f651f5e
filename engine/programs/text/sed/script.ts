/** The script of a command line: -e and -f in the order in which they were given, else the first operand. */
import type { Process } from '#engine/linux/abi/process'
import { readInputText, reason } from '#engine/programs/common/gnu'
import { SedError } from '#engine/programs/text/sed/commands'
import type { ScriptPart } from '#engine/programs/text/sed/scanner'

/** Undefined where there is none. Takes its operand away. */
export async function scriptParts(process: Process, operands: string[]): Promise<ScriptPart[] | undefined> {
  const parts: ScriptPart[] = []
  let number = 0
  for (const { kind, value } of scriptArguments(process.argv.slice(1))) {
    if (kind === 'e') parts.push({ text: value, where: `-e expression #${++number}` })
    else parts.push({ text: await scriptFile(process, value), where: `file ${value}` })
  }
  if (parts.length > 0) return parts
  const first = operands.shift()
  return first === undefined ? undefined : [{ text: first, where: '-e expression #1' }]
}

interface ScriptArgument {
  readonly kind: 'e' | 'f'
  readonly value: string
}

function* scriptArguments(args: readonly string[]): Generator<ScriptArgument> {
  for (let i = 0; i < args.length && args[i] !== '--'; i++) {
    const match = /^(?:--(e)xpression|--(f)ile|-[nErsuzb]*(?:(e)|(f)))(=?)(.*)$/s.exec(args[i] as string)
    if (!match) continue
    const kind = match[1] ?? match[3] ? 'e' : 'f'
    const long = (match[1] ?? match[2]) !== undefined
    const attached = long ? (match[5] === '=' ? match[6] : undefined) : `${match[5] ?? ''}${match[6] ?? ''}` || undefined
    yield { kind, value: attached ?? args[++i] ?? '' }
  }
}

async function scriptFile(process: Process, path: string): Promise<string> {
  try {
    return (await readInputText(process, path)).replace(/\n$/, '')
  } catch (error) {
    throw new SedError(`couldn't open file ${path}: ${reason(error)}`, 4)
  }
}
