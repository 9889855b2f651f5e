/** `getline` in its forms: from the main input, a file, a command; into $0 or a place. */
import type { Awk } from '#engine/programs/text/awk/awk'
import { assign } from '#engine/programs/text/awk/places'
import type { Expression, Place } from '#engine/programs/text/awk/syntax'
import { fromInput, toText, type Value } from '#engine/programs/text/awk/values'

type Getline = Extract<Expression, { type: 'getline' }>

export async function getline(awk: Awk, node: Getline): Promise<Value> {
  if (node.source === 'main') return take(awk, node.target, await awk.input.next())
  const name = node.from ? toText(await awk.evaluate(node.from), awk.variables.convert) : ''
  await awk.streams.flush()
  const reader = awk.streams.source(node.source, name)
  if (!reader) return -1
  const text = await reader.next(awk.separator())
  if (text !== undefined && node.source === 'command') awk.variables.counts.NR++
  return take(awk, node.target, text)
}

async function take(awk: Awk, target: Place | undefined, text: string | undefined): Promise<Value> {
  if (text === undefined) return 0
  if (target) await assign(awk, target, fromInput(text))
  else awk.record.setText(text)
  return 1
}
