/** What is wrong with the metadata of a decoded object, as Go's JSON decoder finds it. */

type MetadataType = 'string' | 'int64' | 'strings' | 'map'

const metadataTypes: Readonly<Record<string, MetadataType>> = {
  name: 'string', generateName: 'string', namespace: 'string', selfLink: 'string', uid: 'string', resourceVersion: 'string', generation: 'int64', deletionGracePeriodSeconds: 'int64', labels: 'map', annotations: 'map', finalizers: 'strings',
}

export function metadataFault(metadata: unknown): string | undefined {
  if (metadata === undefined || metadata === null) return undefined
  if (!isObject(metadata)) return `json: cannot unmarshal ${jsonType(metadata)} into Go struct field metadataOnlyObject.metadata of type v1.ObjectMeta`
  for (const [field, value] of Object.entries(metadata)) {
    const type = metadataTypes[field]
    const fault = type === undefined || value === null ? undefined : faults[type](value, field)
    if (fault) return `json: cannot unmarshal ${fault[0]} into Go struct field ObjectMeta.metadata.${field} of type ${fault[1]}`
  }
  return undefined
}

/** What a value is and what it should be; undefined for a good one. */
const faults: Readonly<Record<MetadataType, (value: unknown, field: string) => readonly [string, string] | undefined>> = {
  string: (value, field) => (typeof value === 'string' ? undefined : [jsonType(value), field === 'uid' ? 'types.UID' : 'string']),
  int64(value) {
    if (typeof value !== 'number') return [jsonType(value), 'int64']
    return Number.isInteger(value) ? undefined : [`number ${String(value)}`, 'int64']
  },
  strings: (value) => (Array.isArray(value) ? ofStrings(value) : [jsonType(value), '[]string']),
  map: (value) => (isObject(value) ? ofStrings(Object.values(value)) : [jsonType(value), 'map[string]string']),
}

function ofStrings(values: readonly unknown[]): readonly [string, string] | undefined {
  const wrong = values.find((value) => value !== null && typeof value !== 'string')
  return wrong === undefined ? undefined : [jsonType(wrong), 'string']
}

export function jsonType(value: unknown): string {
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string' || typeof value === 'number') return typeof value
  return Array.isArray(value) ? 'array' : 'object'
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
