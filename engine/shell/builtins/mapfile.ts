/** mapfile, readarray. */
import type { OpenFile } from '#engine/linux/abi/files'
import { builtin, type BuiltinCall, parseOptions } from '#engine/shell/builtins/builtin'
import { delimiterOf, openFile } from '#engine/shell/builtins/read'
import { readLine } from '#engine/shell/interpreter/input'
import { isName } from '#engine/shell/state/access'
import { BuiltinError, ExpansionError, VariableError } from '#engine/shell/state/signals'
import { IndexedArray } from '#engine/shell/state/variables'

interface MapRequest {
  readonly delimiter: number
  readonly keep: boolean
  /** 0: all. */
  readonly limit: number
  readonly origin: number
  readonly callback: string | undefined
  readonly quantum: number
}

const problems: Readonly<Record<string, string>> = { n: 'invalid line count', s: 'invalid line count', O: 'invalid array origin', u: 'invalid file descriptor specification', c: 'invalid callback quantum' }

export const mapfileBuiltin = builtin(async (call) => {
  const { flags, rest } = parseOptions(call, 'd:n:O:s:tu:C:c:')
  const number = (letter: string, fallback: number): number => {
    const value = flags.get(letter)
    if (value === undefined) return fallback
    if (!/^\d+$/.test(String(value))) throw new BuiltinError(`${String(value)}: ${problems[letter]}`)
    return Number(value)
  }
  const name = rest[0] ?? 'MAPFILE'
  if (!isName(name)) throw new BuiltinError(`\`${name}': not a valid identifier`)
  const file = openFile(call, number('u', 0))
  const request: MapRequest = { delimiter: delimiterOf(flags.get('d') as string | undefined), keep: !flags.has('t'), limit: number('n', 0), origin: number('O', 0), callback: flags.get('C') as string | undefined, quantum: number('c', 5000) }
  const array = target(call, name, flags.has('O'))
  for (let skip = number('s', 0); skip > 0; skip--) await readLine(file, request.delimiter)
  await fill(call, file, array, request)
  return 0
})

/** The array to fill; with an origin what it holds stays. */
function target(call: BuiltinCall, name: string, keeps: boolean): IndexedArray {
  const variable = call.shell.vars.obtain(name)
  if (variable.readonly) throw new VariableError(`${name}: readonly variable`)
  if (typeof variable.value === 'object' && !(variable.value instanceof IndexedArray)) throw new ExpansionError(`${name}: not an indexed array`)
  const array = keeps && variable.value instanceof IndexedArray ? variable.value : new IndexedArray()
  variable.value = array
  return array
}

async function fill(call: BuiltinCall, file: OpenFile, array: IndexedArray, request: MapRequest): Promise<void> {
  let index = request.origin
  for (let count = 0; request.limit === 0 || count < request.limit; count++) {
    const line = await readLine(file, request.delimiter)
    if (!line) return
    const text = line.text + (request.keep && line.complete && request.delimiter !== 0 ? String.fromCharCode(request.delimiter) : '')
    if (request.callback !== undefined && (count + 1) % request.quantum === 0) await call.shell.hooks.runText(call.shell, `${request.callback} ${index} '${text.replace(/'/g, "'\\''")}'`, 'eval')
    array.set(index++, text)
  }
}
