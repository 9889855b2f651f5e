import { expect, it } from 'vitest'
import { textBody } from '#engine/base/http'
import { startTestServer } from '#engine/apiserver/testing'

async function denied(spec: object, data: Record<string, string>): Promise<string> {
  const { server } = await startTestServer()
  const post = async (path: string, value: object): Promise<{ message?: string }> => {
    const response = await server.handle({ method: 'POST', path, headers: { 'content-type': 'application/json' }, body: textBody(JSON.stringify(value)) })
    return JSON.parse(await response.body.text()) as { message?: string }
  }
  const root = '/apis/admissionregistration.k8s.io/v1'
  const matchConstraints = { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }] }
  const made = await post(`${root}/validatingadmissionpolicies`, { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy', metadata: { name: 'p' }, spec: { matchConstraints, ...spec } })
  expect(made.message).toBeUndefined()
  await post(`${root}/validatingadmissionpolicybindings`, { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding', metadata: { name: 'b' }, spec: { policyName: 'p', validationActions: ['Deny'] } })
  return (await post('/api/v1/namespaces/default/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data })).message ?? 'created'
}

it('says which variable failed, and why, where it is used', async () => {
  const spec = { variables: [{ name: 'size', expression: 'int(object.data.size)' }, { name: 'twice', expression: 'variables.size * 2' }], validations: [{ expression: 'variables.twice < 10' }] }
  expect(await denied(spec, { size: '2' })).toBe('created')
  expect(await denied(spec, { size: '20' })).toContain("denied request: failed expression: variables.twice < 10")
  expect(await denied(spec, { size: 'x' })).toContain(`resulted in error: composited variable "twice" fails to evaluate: composited variable "size" fails to evaluate: type conversion error from 'string' to 'int'`)
  expect(await denied(spec, {})).toContain('composited variable "size" fails to evaluate: no such key: data')
})
