import { describe, expect, it } from 'vitest'
import type { HttpRequest } from '#engine/base/http'
import { emptyBody } from '#engine/base/http'
import type { Node, Pod } from '#engine/api/kinds'
import { answerMetrics, type MetricsApi } from './api'
import { MetricStore, parseScrape } from './store'

const scrape = (seconds: number, memory: number): string => `node_cpu_usage_seconds_total ${seconds}\nnode_memory_working_set_bytes ${memory}\ncontainer_cpu_usage_seconds_total{container="c",namespace="n",pod="p"} ${seconds}\ncontainer_memory_working_set_bytes{container="c",namespace="n",pod="p"} ${memory}\n`

function api(): MetricsApi {
  const store = new MetricStore()
  store.add('node01', parseScrape(scrape(10, 2048), 1_000))
  store.add('node01', parseScrape(scrape(11, 4096), 11_000))
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node01' } } as Node
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'n', labels: { app: 'x' } }, spec: { nodeName: 'node01', containers: [] }, status: { phase: 'Running' } } as unknown as Pod
  const one = <T>(name: string, object: T): unknown => ({ list: () => [object], byKey: (key: string) => (key === name ? object : undefined), get: (_: string, key: string) => (key === name ? object : undefined) })
  return { store, nodes: one('node01', node), pods: one('p', pod), now: () => 12_000 } as unknown as MetricsApi
}

async function ask(path: string): Promise<{ status: number; value: Record<string, unknown> }> {
  const response = answerMetrics(api(), { method: 'GET', path, headers: {}, body: emptyBody } as HttpRequest, path.split('?')[0] ?? '')
  return { status: response?.status ?? 0, value: JSON.parse((await response?.body.text()) ?? '{}') as Record<string, unknown> }
}

describe('metrics.k8s.io', () => {
  it('cpu is what was used between two scrapes, memory what is held now', async () => {
    const { value } = await ask('/apis/metrics.k8s.io/v1beta1/nodes/node01')
    expect(value['usage']).toEqual({ cpu: '100000000n', memory: '4Ki' })
    expect(value['window']).toBe('10.000s')
  })

  it('pods are measured by container', async () => {
    const { value } = await ask('/apis/metrics.k8s.io/v1beta1/namespaces/n/pods/p')
    expect(value['containers']).toEqual([{ name: 'c', usage: { cpu: '100000000n', memory: '4Ki' } }])
  })

  it('what is not there is told in the words that kubectl top prints', async () => {
    expect((await ask('/apis/metrics.k8s.io/v1beta1/nodes/nosuch')).value['message']).toBe('node "nosuch" not found')
    expect((await ask('/apis/metrics.k8s.io/v1beta1/namespaces/n/pods/nosuch')).value['message']).toMatch(/pods "(n\/)?nosuch" not found/)
  })

  it('its OpenAPI documents are served beside it', async () => {
    expect(Object.keys((await ask('/openapi/v3')).value['paths'] as object)).toEqual(['apis/metrics.k8s.io', 'apis/metrics.k8s.io/v1beta1'])
    expect((await ask('/openapi/v3/apis/metrics.k8s.io/v1beta1')).value['openapi']).toBe('3.0.0')
  })

  it('nothing is served before there are two scrapes', () => {
    const store = new MetricStore()
    store.add('node01', parseScrape(scrape(1, 1), 0))
    expect(store.ready).toBe(false)
    store.add('node01', parseScrape(scrape(2, 1), 15_000))
    expect(store.ready).toBe(true)
  })
})
