/** Minimum, maximum and ratio, in the server's words (the two spaces are its own). */
import { addQuantities, canonicalQuantity, formatQuantity, parseQuantity, zeroQuantity } from '#engine/api/quantity'
import type { KubeObject } from '#engine/api/object'
import type { Quantity } from '#engine/api/quantity'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

type List = Readonly<Record<string, string>>

interface Usage {
  readonly requests: List
  readonly limits: List
}

function usageOf(container: Free): Usage {
  return { requests: (container.resources?.requests ?? {}) as List, limits: (container.resources?.limits ?? {}) as List }
}

export function checkPod(items: readonly Free[], spec: Free): string[] {
  const complaints: string[] = []
  for (const item of items) {
    const type = item.type as string
    if (type === 'Container') for (const container of [...listOf(spec.containers), ...listOf(spec.initContainers)]) complaints.push(...bounds(type, item, usageOf(container)))
    if (type === 'Pod') complaints.push(...bounds(type, item, podUsage(spec)))
  }
  return complaints
}

function bounds(type: string, item: Free, usage: Usage): string[] {
  const out: string[] = []
  const each = (list: List | undefined, rule: (name: string, enforced: string) => string | undefined): void => {
    for (const [name, enforced] of Object.entries(list ?? {})) {
      const text = rule(name, enforced)
      if (text !== undefined) out.push(text)
    }
  }
  each(item.min as List, (name, enforced) => minimum(type, name, enforced, usage))
  each(item.max as List, (name, enforced) => maximum(type, name, enforced, usage))
  each(item.maxLimitRequestRatio as List, (name, enforced) => ratio(type, name, enforced, usage))
  return out
}

const above = (a: string, b: string): boolean => parseQuantity(a).nano > parseQuantity(b).nano

function minimum(type: string, name: string, enforced: string, { requests, limits }: Usage): string | undefined {
  const head = `minimum ${name} usage per ${type} is ${canonicalQuantity(enforced)}`
  const request = requests[name]
  const limit = limits[name]
  if (request === undefined) return `${head}.  No request is specified`
  if (above(enforced, request)) return `${head}, but request is ${canonicalQuantity(request)}`
  return limit !== undefined && above(enforced, limit) ? `${head}, but limit is ${canonicalQuantity(limit)}` : undefined
}

function maximum(type: string, name: string, enforced: string, { requests, limits }: Usage): string | undefined {
  const head = `maximum ${name} usage per ${type} is ${canonicalQuantity(enforced)}`
  const request = requests[name]
  const limit = limits[name]
  if (limit === undefined) return `${head}.  No limit is specified`
  if (above(limit, enforced)) return `${head}, but limit is ${canonicalQuantity(limit)}`
  return request !== undefined && above(request, enforced) ? `${head}, but request is ${canonicalQuantity(request)}` : undefined
}

function ratio(type: string, name: string, enforced: string, { requests, limits }: Usage): string | undefined {
  const head = `${name} max limit to request ratio per ${type} is ${canonicalQuantity(enforced)}`
  const request = requests[name] === undefined ? 0n : parseQuantity(requests[name]).nano
  const limit = limits[name] === undefined ? 0n : parseQuantity(limits[name]).nano
  if (request === 0n) return `${head}, but no request is specified or request is 0`
  if (limit === 0n) return `${head}, but no limit is specified or limit is 0`
  const seen = Number(limit) / Number(request)
  return seen > Number(parseQuantity(enforced).nano) / 1e9 ? `${head}, but provided ratio is ${seen.toFixed(6)}` : undefined
}

/** The containers together; an init container alone counts where it asks for more. */
function podUsage(spec: Free): Usage {
  const total = (field: 'requests' | 'limits'): List => {
    const sums: Record<string, Quantity> = {}
    for (const container of listOf(spec.containers)) for (const [name, text] of Object.entries((container.resources?.[field] ?? {}) as List)) sums[name] = addQuantities(sums[name] ?? zeroQuantity, parseQuantity(text))
    for (const container of listOf(spec.initContainers)) {
      for (const [name, text] of Object.entries((container.resources?.[field] ?? {}) as List)) {
        const one = parseQuantity(text)
        const sum = sums[name] ?? zeroQuantity
        if (container.restartPolicy === 'Always') sums[name] = addQuantities(sum, one)
        else if (one.nano > sum.nano) sums[name] = one
      }
    }
    const own = (spec.resources?.[field] ?? {}) as List
    return { ...Object.fromEntries(Object.entries(sums).map(([name, value]) => [name, formatQuantity(value)])), ...own }
  }
  return { requests: total('requests'), limits: total('limits') }
}

export function checkClaim(items: readonly Free[], claim: KubeObject): string[] {
  const usage: Usage = { requests: (claim.spec?.resources?.requests ?? {}) as List, limits: {} }
  const out: string[] = []
  for (const item of items) {
    if (item.type !== 'PersistentVolumeClaim') continue
    for (const [name, enforced] of Object.entries((item.min ?? {}) as List)) out.push(minimum('PersistentVolumeClaim', name, enforced, usage) ?? '')
    for (const [name, enforced] of Object.entries((item.max ?? {}) as List)) {
      const head = `maximum ${name} usage per PersistentVolumeClaim is ${canonicalQuantity(enforced)}`
      const request = usage.requests[name]
      if (request === undefined) out.push(`${head}.  No request is specified`)
      else if (above(request, enforced)) out.push(`${head}, but request is ${canonicalQuantity(request)}`)
    }
  }
  return out.filter((text) => text !== '')
}
