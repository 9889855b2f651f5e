import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KubeObject } from '#engine/api/object'
import { accepted } from './accepted.table'
import { alike, byName } from './alike'
import { differences } from './differences'
import { Facts, factsFolder } from './facts'
import { FreshCluster } from './fresh'

const folder = factsFolder()
const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
const used = new Set<(typeof accepted)[number]>()

if (!folder) process.stderr.write('\n*** SKIPPED: parity with a real cluster. No recording was found beside the checkout (a folder with parity/cluster/), and SEATRIAL_FACTS names none. ***\n\n')

describe.skipIf(!folder)('a fresh cluster', () => {
  const facts = new Facts(folder ?? '')
  let fresh: FreshCluster
  /** OpenAPI was recorded with metrics-server, which profile three has. */
  let withMetrics: FreshCluster

  beforeAll(async () => {
    fresh = await FreshCluster.boot('two')
    withMetrics = await FreshCluster.boot('three')
    await withMetrics.served('/openapi/v3/apis/metrics.k8s.io/v1beta1')
  }, 60_000)

  afterAll(() => {
    fresh.dispose()
    withMetrics.dispose()
  })

  it('holds the objects that a real one holds', async () => {
    const found: string[] = []
    for (const file of facts.files('objects')) {
      const resource = file.replace(/\.yaml$/, '')
      const ours = (await fresh.json(await pathOf(resource))) as { items: KubeObject[]; apiVersion: string; kind: string }
      const real = byName(facts.objects(file))
      const own = byName(ours.items.map((item) => ({ ...item, apiVersion: ours.apiVersion, kind: ours.kind.replace(/List$/, '') })))
      for (const name of [...new Set([...real.keys(), ...own.keys()])].sort()) found.push(...differences(`${resource} ${name}`, withoutManagedFields(real.get(name)), withoutManagedFields(own.get(name))))
    }
    expect(unexplained(found)).toEqual([])
  })

  it('is discovered like a real one', async () => {
    const found = [
      ...differences('discovery /api', alike(facts.json('discovery-api.json')), alike(await fresh.json('/api', aggregated))),
      ...differences('discovery /apis', alike(facts.json('discovery-apis.json')), alike(await fresh.json('/apis', aggregated))),
    ]
    expect(unexplained(found)).toEqual([])
  })

  it('prints the api-resources and api-versions of a real one', async () => {
    const found = [
      ...differences('api-versions', facts.text('api-versions.txt').trim().split('\n'), (await fresh.run('kubectl api-versions')).trim().split('\n')),
      ...differences('api-resources', rows(facts.text('api-resources.txt')), rows(await fresh.run('kubectl api-resources -o wide'))),
    ]
    expect(unexplained(found)).toEqual([])
  })

  it('describes its API in OpenAPI v2 as a real one does, descriptions apart', async () => {
    expect(unexplained(differences('openapi v2', facts.json('openapi/openapi-v2.json'), withoutDescriptions(await withMetrics.json('/openapi/v2'))))).toEqual([])
  })

  it('describes its API in OpenAPI v3 as a real one does, descriptions apart', async () => {
    const index = (await withMetrics.json('/openapi/v3')) as { paths: Record<string, { serverRelativeURL: string }> }
    const found = differences('openapi v3', facts.json('openapi/openapi-v3-index.json'), JSON.parse(JSON.stringify(index).replace(/hash=[0-9A-F]+/g, 'hash=HASH')))
    for (const file of facts.files('openapi/openapi-v3')) {
      const path = Object.keys(index.paths).find((name) => `${name.replace(/\/$/, '').replaceAll('/', '_')}.json` === file)
      if (path === undefined) found.push(`openapi v3 ${file}: present -> absent`)
      else found.push(...differences(`openapi v3 ${file}`, facts.json(`openapi/openapi-v3/${file}`), withoutDescriptions(await withMetrics.json(index.paths[path]?.serverRelativeURL ?? ''))))
    }
    expect(unexplained(found)).toEqual([])
  })

  it('needs every line of the table of accepted differences', () => {
    expect(accepted.filter((entry) => !used.has(entry)).map((entry) => `${String(entry.what)} matches nothing any more: take it off`)).toEqual([])
  })

  async function pathOf(resource: string): Promise<string> {
    const [plural = '', ...group] = resource.split('.')
    if (group.length === 0) return `/api/v1/${plural}`
    const { preferredVersion } = (await fresh.json(`/apis/${group.join('.')}`)) as { preferredVersion: { groupVersion: string } }
    return `/apis/${preferredVersion.groupVersion}/${plural}`
  }
})

/** The differences that the table does not account for. */
function unexplained(found: readonly string[]): string[] {
  return found.filter((line) => {
    const matching = accepted.filter((entry) => entry.what.test(line))
    for (const entry of matching) used.add(entry)
    return matching.length === 0
  })
}

function withoutManagedFields(object: unknown): unknown {
  const { metadata, ...rest } = (object ?? {}) as { metadata?: Record<string, unknown> }
  if (object === undefined) return undefined
  const { managedFields: _managedFields, ...kept } = metadata ?? {}
  return { ...rest, metadata: kept }
}

function withoutDescriptions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDescriptions)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).filter(([name, inner]) => !(name === 'description' && typeof inner === 'string')).map(([name, inner]) => [name, withoutDescriptions(inner)]))
}

/** Rows of a printed table by their first and third words. */
function rows(table: string): Record<string, string> {
  return Object.fromEntries(table.trim().split('\n').map((line) => [line.replace(/\s+/g, ' ').split(' ').slice(0, 1)[0] + ' ' + (/\S+\s+(true|false|NAMESPACED)/.exec(line)?.[0].split(/\s+/)[0] ?? ''), line.trimEnd()]))
}
