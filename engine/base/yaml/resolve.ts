/** What a plain scalar means in YAML 1.1 as go-yaml resolves it. */
export type Resolved = { readonly tag: 'str' | 'bool' | 'null' | 'int' | 'float' | 'timestamp' | 'merge'; readonly value: string | number | boolean | null }

const words = new Map<string, Resolved>()
for (const word of ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']) words.set(word, { tag: 'bool', value: true })
for (const word of ['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']) words.set(word, { tag: 'bool', value: false })
for (const word of ['', '~', 'null', 'Null', 'NULL']) words.set(word, { tag: 'null', value: null })
for (const word of ['.nan', '.NaN', '.NAN']) words.set(word, { tag: 'float', value: Number.NaN })
for (const word of ['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF']) words.set(word, { tag: 'float', value: Number.POSITIVE_INFINITY })
for (const word of ['-.inf', '-.Inf', '-.INF']) words.set(word, { tag: 'float', value: Number.NEGATIVE_INFINITY })
words.set('<<', { tag: 'merge', value: '<<' })

const timestamp = /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)|[ ]+\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?)?$/
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/

export function resolveScalar(text: string): Resolved {
  const first = text.charCodeAt(0)
  const numeric = (first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46
  if (!numeric && text.length > 5) return { tag: 'str', value: text }
  const word = words.get(text)
  if (word) return word
  if (!numeric) return { tag: 'str', value: text }
  return resolveNumber(text)
}

function resolveNumber(text: string): Resolved {
  if (text.startsWith('.')) return float.test(text) ? { tag: 'float', value: Number(text) } : { tag: 'str', value: text }
  if (timestamp.test(text)) return { tag: 'timestamp', value: text }
  const plain = text.replaceAll('_', '')
  const integer = parseInteger(plain)
  if (integer !== undefined) return { tag: 'int', value: integer }
  if (float.test(plain)) return { tag: 'float', value: Number(plain) }
  return { tag: 'str', value: text }
}

/** Go's ParseInt with base 0: 0x, 0o, 0b and a leading 0 for octal. */
function parseInteger(text: string): number | undefined {
  const match = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]([0-7]+)|0[bB]([01]+)|0([0-7]+)|(0|[1-9][0-9]*))$/.exec(text)
  if (!match) return undefined
  const [, sign, hex, octal, binary, old, decimal] = match
  const value = hex ? Number.parseInt(hex, 16) : octal ?? old ? Number.parseInt((octal ?? old) as string, 8) : binary ? Number.parseInt(binary, 2) : Number(decimal)
  if (value > 18446744073709551615) return undefined
  return sign === '-' ? (value === 0 ? 0 : -value) : value
}
