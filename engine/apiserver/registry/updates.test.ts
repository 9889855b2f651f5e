/** Changes that the server refuses once an object is there. */
import { expect, it } from 'vitest'
import { textBody } from '#engine/base/http'
import { startTestServer } from '#engine/apiserver/testing'

const { server } = await startTestServer()

async function changed(path: string, object: object, patch: object): Promise<string> {
  const send = async (method: string, target: string, type: string, body: object): Promise<{ message?: string; metadata: { name: string } }> => {
    const response = await server.handle({ method, path: target, headers: { 'content-type': type }, body: textBody(JSON.stringify(body)) })
    return JSON.parse(await response.body.text()) as { message?: string; metadata: { name: string } }
  }
  const made = await send('POST', path, 'application/json', object)
  expect(made.message).toBeUndefined()
  return (await send('PATCH', `${path}/${made.metadata.name}`, 'application/merge-patch+json', patch)).message ?? 'changed'
}

it('a load balancer has its class from the beginning or never', async () => {
  const service = (spec: object): object => ({ apiVersion: 'v1', kind: 'Service', metadata: { generateName: 's' }, spec: { ports: [{ port: 80 }], ...spec } })
  const path = '/api/v1/namespaces/default/services'
  expect(await changed(path, service({ type: 'LoadBalancer' }), { spec: { loadBalancerClass: 'a.b/c' } })).toContain('spec.loadBalancerClass: Invalid value: "a.b/c": may not change once set')
  expect(await changed(path, service({}), { spec: { type: 'LoadBalancer', loadBalancerClass: 'a.b/c' } })).toBe('changed')
})

it('the flow schemas that the server cannot do without stay as they are', async () => {
  const path = '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas'
  const patch = async (name: string): Promise<string | undefined> => {
    const response = await server.handle({ method: 'PATCH', path: `${path}/${name}`, headers: { 'content-type': 'application/merge-patch+json' }, body: textBody('{"spec":{"matchingPrecedence":7}}') })
    return (JSON.parse(await response.body.text()) as { message?: string }).message
  }
  expect(await patch('catch-all')).toContain("spec of 'catch-all' must equal the fixed value")
  expect(await patch('global-default')).toBeUndefined()
})
