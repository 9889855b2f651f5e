/** `declare -p` and attribute letters. */
import { ansiQuote, doubleQuote, needsAnsi } from '#engine/shell/expand/quote'
import { AssociativeArray, IndexedArray, type Variable } from '#engine/shell/state/variables'

export function attributeLetters(variable: Variable | undefined): string {
  if (!variable) return ''
  let out = ''
  if (variable.value instanceof IndexedArray) out += 'a'
  if (variable.value instanceof AssociativeArray) out += 'A'
  if (variable.integer) out += 'i'
  if (variable.nameref) out += 'n'
  if (variable.readonly) out += 'r'
  if (variable.trace) out += 't'
  if (variable.exported) out += 'x'
  if (variable.capital) out += 'c'
  if (variable.lower) out += 'l'
  if (variable.upper) out += 'u'
  return out
}

export function declarationOf(name: string, variable: Variable): string {
  const head = `declare -${attributeLetters(variable) || '-'} ${name}`
  const { value } = variable
  if (value === undefined || (variable.declaredOnly && typeof value === 'object' && value.size === 0)) return head
  return `${head}=${valueText(value)}`
}

export function valueText(value: string | IndexedArray | AssociativeArray): string {
  if (typeof value === 'string') return doubleQuote(value)
  if (value instanceof IndexedArray) return `(${value.keys().map((key) => `[${key}]=${doubleQuote(value.get(key) as string)}`).join(' ')})`
  return `(${value.keys().map((key) => `[${keyText(key)}]=${doubleQuote(value.get(key) as string)} `).join('')})`
}

function keyText(key: string): string {
  if (needsAnsi(key)) return ansiQuote(key)
  return /[^\w./:,%+-]/.test(key) || key === '' || key === '@' || key === '*' ? `"${key.replace(/[\\"$`]/g, '\\$&')}"` : key
}
