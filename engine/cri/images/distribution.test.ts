import { describe, expect, it } from 'vitest'
import { encodeUtf8 } from '#engine/base/bytes'
import { bytesBody, emptyBody, type HttpResponse } from '#engine/base/http'
import { testMachine } from '#engine/linux/testing/testmachine'
import { digestOf } from './content'
import { distributionHandler } from './distribution'

type Call = (method: string, path: string, body?: string) => Promise<HttpResponse>

async function withRegistry(work: (call: Call) => Promise<void>): Promise<void> {
  const { body } = testMachine()
  await body(async ({ files }) => {
    const handler = distributionHandler({ files, root: '/var/lib/registry', newId: () => 'upload1' })
    await work((method, path, content) => handler({ method, path, headers: {}, body: content === undefined ? emptyBody : bytesBody(encodeUtf8(content)) }))
    return 0
  })
}

describe('a registry that takes pushes', () => {
  it('keeps what was uploaded and named, and lists it', async () => {
    const seen: unknown[] = []
    await withRegistry(async (call) => {
      const digest = digestOf('config')
      const manifest = JSON.stringify({ schemaVersion: 2, mediaType: 'x/y', config: { digest }, layers: [] })
      seen.push((await call('PUT', '/v2/a/b/manifests/1', manifest)).status)
      const begun = await call('POST', '/v2/a/b/blobs/uploads/')
      seen.push(begun.status, begun.headers['location'])
      seen.push((await call('PUT', `/v2/a/b/blobs/uploads/upload1?digest=${encodeURIComponent(digest)}`, 'other')).status)
      await call('POST', '/v2/a/b/blobs/uploads/')
      seen.push((await call('PUT', `/v2/a/b/blobs/uploads/upload1?digest=${encodeURIComponent(digest)}`, 'config')).status)
      seen.push((await call('PUT', '/v2/a/b/manifests/1', manifest)).headers['docker-content-digest'] === digestOf(manifest))
      seen.push(await (await call('GET', '/v2/_catalog')).body.text(), await (await call('GET', '/v2/a/b/tags/list')).body.text(), await (await call('GET', '/v2/a/b/manifests/1')).body.text() === manifest)
    })
    expect(seen).toEqual([400, 202, '/v2/a/b/blobs/uploads/upload1', 400, 201, true, '{"repositories":["a/b"]}\n', '{"name":"a/b","tags":["1"]}\n', true])
  })

  it('says what it does not know', async () => {
    const seen: unknown[] = []
    await withRegistry(async (call) => {
      for (const path of ['/v2/none/tags/list', '/v2/none/manifests/1', '/v2/none/blobs/sha256:00']) {
        const answer = await call('GET', path)
        seen.push(answer.status, (JSON.parse(await answer.body.text()) as { errors: { code: string }[] }).errors[0]?.code)
      }
    })
    expect(seen).toEqual([404, 'NAME_UNKNOWN', 404, 'MANIFEST_UNKNOWN', 404, 'BLOB_UNKNOWN'])
  })
})
