/** What form of an answer a client asked for. */
import { failure } from '#engine/api/status'

export interface Accepted {
  readonly media: 'application/json' | 'application/yaml' | 'application/vnd.kubernetes.protobuf' | 'application/vnd.kubernetes.protobuf;stream=watch'
  readonly as: '' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList'
  readonly version: 'v1' | 'v1beta1'
  readonly pretty: boolean
}

const json: Accepted = { media: 'application/json', as: '', version: 'v1', pretty: false }
const cache = new Map<string, Accepted | null>()

/** The first acceptable clause; a Status 406 where there is none. */
export function negotiate(accept: string | undefined, protobuf: boolean): Accepted {
  const text = accept ?? ''
  if (text === '' || text === 'application/json' || text === '*/*') return json
  const key = `${protobuf ? 'p' : 'j'}${text}`
  let found = cache.get(key)
  if (found === undefined) {
    found = firstAccepted(text, protobuf) ?? null
    if (cache.size > 200) cache.clear()
    cache.set(key, found)
  }
  if (found) return found
  throw failure(406, 'NotAcceptable', 'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf')
}

function firstAccepted(text: string, protobuf: boolean): Accepted | undefined {
  let late: Accepted | undefined
  for (const clause of text.split(',')) {
    const accepted = clauseOf(clause)
    if (!accepted) continue
    // JSON is cheaper here and every client that lists both takes it: protobuf is for those who accept nothing else.
    if (accepted.media !== 'application/vnd.kubernetes.protobuf') return accepted
    if (protobuf && accepted.as === '') late ??= accepted
  }
  return late
}

/** No member is inherited: the key is whatever a client sent. */
const mediaTypes: Readonly<Record<string, Accepted['media']>> = {
  __proto__: null as never,
  'application/json': 'application/json', '*/*': 'application/json', 'application/*': 'application/json', 'application/yaml': 'application/yaml',
  'application/vnd.kubernetes.protobuf': 'application/vnd.kubernetes.protobuf',
}
const shapes: readonly string[] = ['', 'Table', 'PartialObjectMetadata', 'PartialObjectMetadataList']

function clauseOf(clause: string): Accepted | undefined {
  const [name = '', ...parameters] = clause.split(';').map((part) => part.trim())
  const values = new Map(parameters.map((part) => part.split('=') as [string, string]))
  const as = values.get('as') ?? ''
  const media = mediaTypes[name]
  const group = values.get('g')
  if (!media || !shapes.includes(as) || group === 'apidiscovery.k8s.io' || (as !== '' && group !== 'meta.k8s.io')) return undefined
  return { media, as: as as Accepted['as'], version: values.get('v') === 'v1beta1' ? 'v1beta1' : 'v1', pretty: ['1', 'true'].includes(values.get('pretty') ?? '') }
}
