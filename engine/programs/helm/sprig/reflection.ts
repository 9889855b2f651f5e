/** Types and kinds as Go names them. */
import { GoInt, kindOf, typeName } from '#engine/programs/common/gotemplate/values'
import { deepEqual, fn, type FunctionTable } from './define'

export function goKind(value: unknown): string {
  const kind = kindOf(value)
  if (kind === 'int') return value instanceof GoInt ? 'int' : 'int64'
  if (kind === 'float') return 'float64'
  return kind === 'struct' ? (typeName(value).startsWith('*') ? 'ptr' : 'struct') : kind
}

export const reflectionFunctions: FunctionTable = {
  kindOf: fn('any', goKind),
  kindIs: fn('string any', (kind: string, value: unknown) => goKind(value) === kind),
  typeOf: fn('any', typeName),
  typeIs: fn('string any', (type: string, value: unknown) => typeName(value) === type),
  typeIsLike: fn('string any', (type: string, value: unknown) => typeName(value) === type || typeName(value) === `*${type}`),
  deepEqual: fn('any any', deepEqual),
}
