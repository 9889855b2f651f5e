/** The values of Secrets are not shown, only whether they change. */
import type { KubeObject } from '#engine/api/object'

const hidden = '***'
type Data = Record<string, unknown>

export function masked(from: KubeObject | undefined, to: KubeObject | undefined): [KubeObject | undefined, KubeObject | undefined] {
  const any = to ?? from
  if (!any || any.apiVersion !== 'v1' || any.kind !== 'Secret') return [from, to]
  const [before, after] = maskedData((from?.['data'] ?? {}) as Data, (to?.['data'] ?? {}) as Data)
  return [withData(from, before), withData(to, after)]
}

function maskedData(from: Data, to: Data): [Data, Data] {
  const differs = (key: string): boolean => key in from && key in to && from[key] !== to[key]
  const mask = (data: Data, note: string): Data => Object.fromEntries(Object.keys(data).map((key) => [key, differs(key) ? `${hidden} (${note})` : hidden]))
  return [mask(from, 'before'), mask(to, 'after')]
}

function withData(object: KubeObject | undefined, data: Data): KubeObject | undefined {
  return object?.['data'] ? { ...object, data } : object
}
