/** A pod template as Go's spew prints it (`%#v`, keys sorted, no methods): what the real controllers hash. */
import { text } from './structs.generated'

type Field = readonly [goName: string, jsonName: string, goType: string, shape: string, kind: 0 | 1 | 2]
type Json = Readonly<Record<string, unknown>>

let table: Readonly<Record<string, readonly Field[]>> | undefined

export function printTemplate(template: unknown): string {
  return `(v1.PodTemplateSpec)${struct('PodTemplateSpec', template as Json)}`
}

function struct(name: string, value: Json): string {
  table ??= JSON.parse(text()) as NonNullable<typeof table>
  return `{${(table[name] ?? []).map((field) => printField(field, value)).join(' ')}}`
}

function printField([goName, jsonName, goType, shape, kind]: Field, owner: Json): string {
  const value = kind === 2 ? owner : owner[jsonName]
  const absent = kind === 1 && (value === undefined || value === null)
  return `${goName}:(${goType})${absent ? '<nil>' : print(shape, value)}`
}

function print(shape: string, value: unknown): string {
  switch (shape.charAt(0)) {
    case '[': return printList(shape.slice(2), (value ?? []) as readonly unknown[])
    case '{': return printMap(shape.slice(2), (value ?? {}) as Json)
    case '@': return struct(shape.slice(1), (value ?? {}) as Json)
    case '!': return special[shape.slice(1)]?.(value) ?? '<nil>'
    default: return String(value ?? zeros[shape] ?? 0)
  }
}

const zeros: Readonly<Record<string, string>> = { string: '', bool: 'false' }

/** What is empty comes from the store as nothing. */
function printList(shape: string, list: readonly unknown[]): string {
  return list.length === 0 ? '<nil>' : `[${list.map((item) => print(shape, item)).join(' ')}]`
}

function printMap(shape: string, map: Json): string {
  const keys = Object.keys(map).sort()
  return keys.length === 0 ? '<nil>' : `map[${keys.map((key) => `${key}:${print(shape, map[key])}`).join(' ')}]`
}

const special: Readonly<Record<string, (value: unknown) => string>> = {
  Time: () => '{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}',
  IntOrString: (value) => (typeof value === 'string' ? `{Type:(intstr.Type)1 IntVal:(int32)0 StrVal:(string)${value}}` : `{Type:(intstr.Type)0 IntVal:(int32)${Number(value ?? 0)} StrVal:(string)}`),
  Quantity: (value) => printQuantity(String(value ?? '0')),
}

const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }

/** Amounts as the server writes them: a whole number and a suffix or an exponent. */
function printQuantity(written: string): string {
  const [, number = '0', suffix = ''] = /^([+-]?\d+)(.*)$/.exec(written) ?? []
  const steps = binary.indexOf(suffix)
  const exponent = /^[eE]([+-]?\d+)$/.exec(suffix)?.[1]
  const amount = steps > 0 ? BigInt(number) << BigInt(steps * 10) : BigInt(number)
  const scale = exponent === undefined ? (decimal[suffix] ?? 0) : Number(exponent)
  const format = written === '0' ? '' : steps > 0 ? 'BinarySI' : exponent === undefined ? 'DecimalSI' : 'DecimalExponent'
  return `{i:(resource.int64Amount){value:(int64)${amount} scale:(resource.Scale)${scale}} d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string)${written} Format:(resource.Format)${format}}`
}
