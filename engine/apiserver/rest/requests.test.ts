/** Requests that a client may get wrong, and what the server makes of them. */
import { expect, it } from 'vitest'
import { textBody } from '#engine/base/http'
import { startTestServer } from '#engine/apiserver/testing'

const { server } = await startTestServer()
const root = '/api/v1/namespaces/default/configmaps'

async function say(method: string, path: string, body = ''): Promise<{ message?: string; items?: Record<string, unknown>[] }> {
  const response = await server.handle({ method, path, headers: { 'content-type': 'application/json' }, body: textBody(body) })
  return JSON.parse(await response.body.text()) as { message?: string; items?: Record<string, unknown>[] }
}

it('writes the objects of a typed list without their kind, and those of a watch with it', async () => {
  await say('POST', root, '{"metadata":{"name":"a"}}')
  expect(Object.keys((await say('GET', root)).items?.[0] ?? {})).toEqual(['metadata'])
})

it('takes for numbers only numbers', async () => {
  for (const path of [`${root}?limit=x`, `${root}?watch=1&timeoutSeconds=x`]) expect((await say('GET', path)).message).toBe('strconv.ParseInt: parsing "x": invalid syntax')
  expect((await say('DELETE', `${root}/a?gracePeriodSeconds=x`)).message).toBe('strconv.ParseInt: parsing "x": invalid syntax')
})

it('names managers of fields in at most 128 bytes', async () => {
  expect((await say('POST', `${root}?fieldManager=${'x'.repeat(129)}`, '{"metadata":{"name":"b"}}')).message).toBe('CreateOptions.meta.k8s.io "" is invalid: fieldManager: Too long: may not be more than 128 bytes')
})

it('says what it cannot make of a body', async () => {
  expect((await say('POST', root, '[]')).message).toMatch(/^the object provided is unrecognized \(must be of type ConfigMap\): couldn't get version\/kind; json parse error: json: cannot unmarshal array .* \(5b5d\)$/)
  expect((await say('POST', root, '{"data":{"a":1}}')).message).toBe('ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string')
  expect((await say('POST', root, '{"kind":"Secret","apiVersion":"v1"}')).message).toBe('Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion')
  expect((await say('POST', root, '{"kind":"Nope","apiVersion":"v1"}')).message).toBe('Nope in version "v1" cannot be handled as a ConfigMap: no kind "Nope" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"')
})

it('never deletes the priority classes of the system', async () => {
  expect((await say('DELETE', '/apis/scheduling.k8s.io/v1/priorityclasses/system-node-critical')).message).toBe('priorityclasses.scheduling.k8s.io "system-node-critical" is forbidden: this is a system priority class and cannot be deleted')
})

it('finds objects of namespaces only in a namespace', async () => {
  expect((await say('GET', '/api/v1/configmaps/a')).message).toBe('the server could not find the requested resource')
  expect((await say('GET', '/api/v1/namespaces/kube-system')).message).toBeUndefined()
})
