import { expect, it } from 'vitest'
import { textBody } from '#engine/base/http'
import { startTestServer } from '#engine/apiserver/testing'

it('knows which methods a path has', async () => {
  const { server } = await startTestServer()
  const code = async (method: string, path: string): Promise<number> => (await server.handle({ method, path, headers: { 'content-type': 'application/json' }, body: textBody('{}') })).status
  expect(await code('PUT', '/api/v1/namespaces/default/configmaps')).toBe(405)
  expect(await code('PATCH', '/api/v1/namespaces/default/configmaps')).toBe(405)
  expect(await code('POST', '/api/v1/namespaces/default/configmaps/x')).toBe(405)
  expect(await code('POST', '/api/v1/configmaps')).toBe(405)
  expect(await code('DELETE', '/api/v1/pods')).toBe(405)
  expect(await code('HEAD', '/api/v1/namespaces')).toBe(405)
  expect(await code('GET', '/api/v1/configmaps')).toBe(200)
})

it('says what is wrong with a label in a selector', async () => {
  const { server } = await startTestServer()
  const message = async (selector: string): Promise<string> => (JSON.parse(await (await server.handle({ method: 'GET', path: `/api/v1/namespaces/default/pods?labelSelector=${encodeURIComponent(selector)}`, headers: {}, body: textBody('') })).body.text()) as { message: string }).message
  expect(await message('a/b/c=d')).toContain('unable to parse requirement: <nil>: Invalid value: "a/b/c": a valid label key must consist of alphanumeric characters')
  expect(await message('a in (-x)')).toContain('unable to parse requirement: values[0][a]: Invalid value: "-x": a valid label must be an empty string or consist of')
})
