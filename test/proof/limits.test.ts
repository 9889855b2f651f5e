import { beforeAll, describe, expect, it } from 'vitest'
import { textBody } from '#engine/base/http'
import { startTestServer, type TestServer } from '#engine/apiserver/testing'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
})

const configMaps = '/api/v1/namespaces/default/configmaps'

async function send(method: string, path: string, type: string, body: string): Promise<string> {
  const answer = server.transport().request({ method, path, headers: { 'content-type': type }, body: textBody(body) })
  let done = false
  void answer.finally(() => (done = true)).catch(() => undefined)
  for (let turn = 0; turn < 60 && !done; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    if (!done) server.clock.advanceTo(server.clock.now() + 1000)
  }
  const response = await answer
  const { message = '', reason = '' } = JSON.parse(await response.body.text()) as { message?: string; reason?: string }
  return `${response.status} ${reason}: ${message}`
}

const create = (type: string, body: string): Promise<string> => send('POST', configMaps, type, body)
const patchOne = (type: string, body: string): Promise<string> => send('PATCH', `${configMaps}/kube-root-ca.crt`, type, body)

describe('what is too much is refused in the real words', () => {
  it('a manifest or a patch of more than 3 MiB', async () => {
    const words = '413 RequestEntityTooLarge: Request entity too large: limit is 3145728'
    const large = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'big' }, data: { a: 'x'.repeat(5_000_000) } })
    expect(await create('application/json', large)).toBe(words)
    expect(await patchOne('application/merge-patch+json', large)).toBe(words)
    const handed = await server.transport().request({ method: 'POST', path: configMaps, headers: {}, body: { ...textBody(large), value: JSON.parse(large) as unknown } })
    expect(handed.status).toBe(413)
  })

  it('lists within lists', async () => {
    const deep = `{"apiVersion":"v1","kind":"ConfigMap","data":${'['.repeat(200_000)}${']'.repeat(200_000)}}`
    expect(await create('application/json', deep)).toContain('exceeded max depth')
    expect(await patchOne('application/merge-patch+json', deep)).toContain('exceeded max depth')
    expect(await create('application/yaml', `data: ${'['.repeat(100_000)}`)).toBe('400 BadRequest: error decoding YAML: yaml: exceeded max depth of 10000')
    expect(await patchOne('application/merge-patch+json', `{"data":${'{"a":'.repeat(9000)}1${'}'.repeat(9000)}}`)).toMatch(/^4\d\d /)
  })

  it('aliases of aliases', async () => {
    const lines = [...'bcdefghij'].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghij'.charAt(index)}`).join(',')}]`)
    expect(await create('application/yaml', `a: &a [lol,lol]\n${lines.join('\n')}\n`)).toBe('400 BadRequest: error decoding YAML: yaml: document contains excessive aliasing')
  })

  it('more than ten thousand operations', async () => {
    const operations = JSON.stringify(Array(10_001).fill({ op: 'add', path: '/data/k', value: 'v' }))
    expect(await patchOne('application/json-patch+json', operations)).toBe('413 RequestEntityTooLarge: The allowed maximum operations in a JSON patch is 10000, got 10001')
  })
})

describe('what is wrong is refused in the real words', () => {
  it('a body of a type that nobody reads', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'garbage;;;']) {
      expect(await create(type, '{}')).toBe('415 UnsupportedMediaType: the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf')
    }
    expect(await patchOne('application/json', '{}')).toMatch(/^415 UnsupportedMediaType: the body of the request was in an unknown format - accepted media types include: application\/json-patch\+json, /)
  })

  it('operations that are none', async () => {
    expect(await patchOne('application/json-patch+json', '[1]')).toBe('400 BadRequest: json: cannot unmarshal number into Go value of type jsonpatch.Operation')
    expect(await patchOne('application/json-patch+json', '{"op":"add"}')).toBe('400 BadRequest: error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp')
    expect(await patchOne('application/json-patch+json', '[{"op"')).toBe('400 BadRequest: error decoding patch: unexpected end of JSON input')
  })

  it('forged continue tokens and versions', async () => {
    expect(await send('GET', `${configMaps}?continue=%25%25`, '', '')).toMatch(/^400 BadRequest: continue key is not valid: illegal base64 data at input byte 0/)
    expect(await send('GET', `${configMaps}?continue=AAAA`, '', '')).toMatch(/^400 BadRequest: continue key is not valid: invalid character/)
    expect(await send('GET', `${configMaps}/kube-root-ca.crt?resourceVersion=x`, '', '')).toContain('strconv.ParseUint: parsing "x": invalid syntax')
    expect(await send('GET', `${configMaps}?limit=many`, '', '')).toContain('strconv.ParseInt: parsing "many": invalid syntax')
  })

  it('a path into what every object inherits, which stays as it is', async () => {
    await create('application/json', '{"metadata":{"name":"mine"}}')
    for (const path of ['/__proto__/polluted', '/constructor/prototype/polluted', '/metadata/__proto__/polluted']) await send('PATCH', `${configMaps}/mine`, 'application/json-patch+json', JSON.stringify([{ op: 'add', path, value: 'yes' }]))
    await send('PATCH', `${configMaps}/mine`, 'application/merge-patch+json', '{"__proto__":{"polluted":"yes"},"metadata":{"__proto__":{"polluted":"yes"}}}')
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})
