import { describe, expect, it } from 'vitest'
import { emptyBody, valueBody } from '#engine/base/http'
import { encodeUtf8 } from '#engine/base/bytes'
import { startTestServer, type TestServer } from '#engine/apiserver/testing'
import type { KubeObject } from '#engine/api/object'

const configMap = (name: string, data: Record<string, unknown> = {}): unknown => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data })
const path = '/api/v1/namespaces/default/configmaps'

async function send(test: TestServer, method: string, target: string, value?: unknown, type = 'application/json'): Promise<{ status: number; object: KubeObject & { message?: string; items?: KubeObject[] } }> {
  const body = value === undefined ? emptyBody : valueBody(value, (item) => encodeUtf8(JSON.stringify(item)))
  const response = await test.transport().request({ method, path: target, headers: { 'content-type': type, 'user-agent': 'test/1' }, body })
  return { status: response.status, object: response.body.value as never }
}

describe('objects over the API', () => {
  it('are created, read, changed by version and deleted', async () => {
    const test = await startTestServer()
    const made = await send(test, 'POST', path, configMap('a', { x: '1' }))
    expect(made.status).toBe(201)
    expect(made.object.metadata.uid).toBeDefined()
    const stale = { ...made.object, data: { x: '2' } }
    expect((await send(test, 'PUT', `${path}/a`, stale)).status).toBe(200)
    const conflict = await send(test, 'PUT', `${path}/a`, stale)
    expect(conflict.object.message).toBe('Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again')
    expect((await send(test, 'DELETE', `${path}/a`)).object['status']).toBe('Success')
    expect((await send(test, 'GET', `${path}/a`)).object.message).toBe('configmaps "a" not found')
  })

  it('keep their version where nothing changes, and are not stored by a dry run', async () => {
    const test = await startTestServer()
    const made = await send(test, 'POST', path, configMap('a', { x: '1' }))
    const same = await send(test, 'PATCH', `${path}/a`, { data: { x: '1' } }, 'application/merge-patch+json')
    expect(same.object.metadata.resourceVersion).toBe(made.object.metadata.resourceVersion)
    await send(test, 'POST', `${path}?dryRun=All`, configMap('b'))
    expect((await send(test, 'GET', `${path}/b`)).status).toBe(404)
  })

  it('refuse unknown fields and wrong types in the decoder\'s words', async () => {
    const test = await startTestServer()
    const unknown = await send(test, 'POST', `${path}?fieldValidation=Strict`, { ...(configMap('a') as object), dat: {} })
    expect(unknown.object.message).toBe('ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "dat"')
    const wrong = await send(test, 'POST', path, configMap('a', { x: 1 }))
    expect(wrong.object.message).toBe('ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string')
  })

  it('wait for their finalizers', async () => {
    const test = await startTestServer()
    await send(test, 'POST', path, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', finalizers: ['example.com/hold'] } })
    expect((await send(test, 'DELETE', `${path}/a`)).object.metadata.deletionTimestamp).toBeDefined()
    await send(test, 'PATCH', `${path}/a`, { metadata: { finalizers: null } }, 'application/merge-patch+json')
    expect((await send(test, 'GET', `${path}/a`)).status).toBe(404)
  })

  it('are listed in chunks of one revision', async () => {
    const test = await startTestServer()
    for (const name of ['a', 'b', 'c']) await send(test, 'POST', path, configMap(name))
    const first = await send(test, 'GET', `${path}?limit=2`)
    expect(first.object.items?.map((item) => item.metadata.name)).toEqual(['a', 'b'])
    await send(test, 'POST', path, configMap('d'))
    const token = (first.object.metadata as { continue?: string }).continue ?? ''
    const rest = await send(test, 'GET', `${path}?limit=2&continue=${encodeURIComponent(token)}`)
    expect(rest.object.items?.map((item) => item.metadata.name)).toEqual(['c'])
  })
})

describe('a watch', () => {
  it('tells what is there, the end of that, and what comes, as its selector sees it', async () => {
    const test = await startTestServer()
    await send(test, 'POST', path, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', labels: { app: 'x' } } })
    const response = await test.transport().request({ method: 'GET', path: `${path}?watch=true&labelSelector=app%3Dx&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`, headers: {}, body: emptyBody })
    const events = (response.body.values as AsyncIterable<{ type: string; object: KubeObject }>)[Symbol.asyncIterator]()
    const next = async (): Promise<string> => {
      const { value } = await events.next()
      return `${value.type} ${value.object.metadata.name ?? ''}`
    }
    expect([await next(), await next()]).toEqual(['ADDED a', 'BOOKMARK '])
    await send(test, 'POST', path, configMap('other'))
    await send(test, 'PATCH', `${path}/a`, { metadata: { labels: { app: 'y' } } }, 'application/merge-patch+json')
    expect(await next()).toBe('DELETED a')
    await events.return?.()
  })
})

describe('a watch', () => {
  it('goes on from any version since the server began, of a kind that nobody has asked for', async () => {
    const test = await startTestServer()
    const made = await send(test, 'POST', '/api/v1/namespaces/default/podtemplates', { apiVersion: 'v1', kind: 'PodTemplate', metadata: { name: 'a' }, template: { spec: { containers: [{ name: 'c', image: 'i' }] } } })
    await send(test, 'PATCH', '/api/v1/namespaces/default/podtemplates/a', { metadata: { labels: { x: '1' } } }, 'application/merge-patch+json')
    const response = await test.transport().request({ method: 'GET', path: `/api/v1/podtemplates?watch=1&resourceVersion=${made.object.metadata.resourceVersion ?? ''}`, headers: {}, body: emptyBody })
    const first = await (response.body.values as AsyncIterable<{ type: string; object: KubeObject }>)[Symbol.asyncIterator]().next()
    expect(first.value).toMatchObject({ type: 'MODIFIED', object: { metadata: { name: 'a', labels: { x: '1' } } } })
  })

  it('goes on from before the snapshot that its server began with; of a server that was started anew that is too old', async () => {
    const first = await startTestServer()
    const made = await send(first, 'POST', path, configMap('a'))
    await send(first, 'POST', path, configMap('b'))
    const told = async (resumed: boolean): Promise<unknown[]> => {
      const second = await startTestServer({ etcd: first.etcd, clock: first.clock, resumed })
      const response = await second.transport().request({ method: 'GET', path: `${path}?watch=1&resourceVersion=${made.object.metadata.resourceVersion ?? ''}`, headers: {}, body: emptyBody })
      const events = (response.body.values as AsyncIterable<{ type: string; object: KubeObject & { code?: number } }>)[Symbol.asyncIterator]()
      const { type, object } = (await events.next()).value as { type: string; object: KubeObject & { code?: number } }
      return [type, object.code ?? object.metadata.name]
    }
    expect(await told(true)).toEqual(['MODIFIED', 'b'])
    expect(await told(false)).toEqual(['ERROR', 410])
  })
})
