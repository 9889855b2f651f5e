/** Some complaints show a Go struct as JSON, without the API's field names. */
type Fields = readonly (readonly [go: string, json: string])[]

/** `{"Key":"a","Operator":"Exists"}`: missing strings are empty, all else that is missing is null. */
export function goStruct(fields: Fields, value: Readonly<Record<string, unknown>>, zeros: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return Object.fromEntries(fields.map(([go, json]) => [go, value[json] ?? (json in zeros ? zeros[json] : null)]))
}
