import { expect, it } from 'vitest'
import { textBody } from '#engine/base/http'
import { startTestServer } from '#engine/apiserver/testing'

it('puts back the service of the server within ten seconds, and flow schemas and namespaces within a minute', async () => {
  const { server, clock } = await startTestServer({ settings: { advertiseAddress: '10.0.0.1' } })
  const send = async (method: string, path: string, body = ''): Promise<{ code?: number; metadata: { uid?: string }; subsets?: unknown }> => {
    const response = await server.handle({ method, path, headers: { 'content-type': 'application/merge-patch+json' }, body: textBody(body) })
    return JSON.parse(await response.body.text()) as never
  }
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  const advance = async (ms: number): Promise<void> => {
    const end = clock.now() + ms
    await settle()
    for (let next = clock.nextTimerAt(); next !== undefined && next <= end; next = clock.nextTimerAt()) {
      clock.runNext()
      await settle()
    }
    clock.advanceTo(end)
  }
  const service = '/api/v1/namespaces/default/services/kubernetes'
  const endpoints = '/api/v1/namespaces/default/endpoints/kubernetes'
  const schema = '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas/probes'
  const { uid } = (await send('GET', service)).metadata
  await send('DELETE', service)
  await send('PATCH', endpoints, '{"subsets":null}')
  await send('DELETE', schema)
  expect((await send('GET', service)).code).toBe(404)
  await advance(10_100)
  expect((await send('GET', service)).metadata.uid).not.toBe(uid)
  expect((await send('GET', endpoints)).subsets).toMatchObject([{ addresses: [{ ip: '10.0.0.1' }] }])
  expect((await send('GET', schema)).code).toBe(404)
  await advance(50_000)
  expect((await send('GET', schema)).code).toBeUndefined()
})
