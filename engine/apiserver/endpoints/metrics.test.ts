import { expect, it } from 'vitest'
import { emptyBody } from '#engine/base/http'
import { startTestServer } from '#engine/apiserver/testing'

/** What a fresh server answers at a path. */
async function reader(): Promise<(path: string) => Promise<string>> {
  const { server } = await startTestServer()
  return (path) => server.handle({ method: 'GET', path, headers: {}, body: emptyBody }).then((response) => response.body.text())
}

it('counts requests by what they were about and how they were answered', async () => {
  const get = await reader()
  await get('/api/v1/namespaces/default/configmaps')
  await get('/api/v1/namespaces/default/configmaps')
  await get('/api/v1/namespaces/default/configmaps/nosuch')
  const text = await get('/metrics')
  expect(text).toContain('# TYPE apiserver_request_total counter\n')
  expect(text).toContain('apiserver_request_total{code="200",component="apiserver",dry_run="",group="",resource="configmaps",scope="namespace",subresource="",verb="LIST",version="v1"} 2\n')
  expect(text).toContain('apiserver_request_total{code="404",component="apiserver",dry_run="",group="",resource="configmaps",scope="resource",subresource="",verb="GET",version="v1"} 1\n')
  expect(text).toContain('apiserver_request_duration_seconds_count{component="apiserver",dry_run="",group="",resource="configmaps",scope="namespace",subresource="",verb="LIST",version="v1"} 2\n')
  expect(text).toContain('apiserver_storage_objects{resource="namespaces"} 4\n')
})

it('tells how the health checks went, under /metrics/slis', async () => {
  const get = await reader()
  await get('/readyz')
  await get('/healthz/ping')
  const text = await get('/metrics/slis')
  expect(text).toContain('# TYPE kubernetes_healthcheck gauge\n')
  expect(text).toContain('kubernetes_healthcheck{name="etcd",type="readyz"} 1\n')
  expect(text).toContain('kubernetes_healthchecks_total{name="ping",status="success",type="healthz"} 1\n')
})
