/** A unified diff of two values printed as JSON, as the server puts it into messages. */
import { createTwoFilesPatch } from 'diff'

export function goDiff(before: unknown, after: unknown): string {
  const text = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`
  const patch = createTwoFilesPatch('', '', text(before), text(after), '', '', { context: 3 })
  const start = patch.indexOf('@@')
  return start < 0 ? '' : `${patch.slice(start).trimEnd()}\n`
}
