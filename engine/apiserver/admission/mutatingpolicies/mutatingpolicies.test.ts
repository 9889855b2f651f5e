import { expect, it } from 'vitest'
import { textBody, type HttpResponse } from '#engine/base/http'
import { startTestServer } from '#engine/apiserver/testing'

type Json = Record<string, unknown>

async function cluster(policies: readonly { name: string; spec: object }[]): Promise<(path: string, body: object) => Promise<{ status: number; body: Json }>> {
  const { server } = await startTestServer({ settings: { featureGates: new Map([['MutatingAdmissionPolicy', true]]) }, asksForVersion: () => true })
  const post = async (path: string, value: object): Promise<{ status: number; body: Json }> => {
    const response: HttpResponse = await server.handle({ method: 'POST', path, headers: { 'content-type': 'application/json' }, body: textBody(JSON.stringify(value)) })
    return { status: response.status, body: JSON.parse(await response.body.text()) as Json }
  }
  await post('/api/v1/namespaces/default/serviceaccounts', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } })
  const root = '/apis/admissionregistration.k8s.io/v1beta1'
  for (const { name, spec } of policies) {
    const matchConstraints = { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods', 'configmaps'] }] }
    const made = await post(`${root}/mutatingadmissionpolicies`, { apiVersion: 'admissionregistration.k8s.io/v1beta1', kind: 'MutatingAdmissionPolicy', metadata: { name }, spec: { matchConstraints, ...spec } })
    expect(made.status, JSON.stringify(made.body)).toBe(201)
    await post(`${root}/mutatingadmissionpolicybindings`, { apiVersion: 'admissionregistration.k8s.io/v1beta1', kind: 'MutatingAdmissionPolicyBinding', metadata: { name }, spec: { policyName: name } })
  }
  return post
}

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', labels: { app: 'x' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } }

it('merges an apply configuration into the object, lists by their keys', async () => {
  const post = await cluster([{ name: 'sidecar', spec: {
    variables: [{ name: 'team', expression: "object.metadata.labels[?'team'].orValue('none')" }],
    mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: "Object{metadata: Object.metadata{annotations: {'team': variables.team}}, spec: Object.spec{initContainers: [Object.spec.initContainers{name: 'mesh', image: 'mesh:1', restartPolicy: 'Always'}], containers: [Object.spec.containers{name: 'c', workingDir: '/w'}]}}" } }],
  } }])
  const { status, body } = await post('/api/v1/namespaces/default/pods', pod)
  expect(status).toBe(201)
  expect(body).toMatchObject({ metadata: { annotations: { team: 'none' }, labels: { app: 'x' } }, spec: { initContainers: [{ name: 'mesh', image: 'mesh:1', restartPolicy: 'Always' }], containers: [{ name: 'c', image: 'nginx', workingDir: '/w' }] } })
})

it('applies JSON patches, heeds match conditions, and calls a policy again after a later one', async () => {
  const post = await cluster([
    { name: 'a-count', spec: { reinvocationPolicy: 'IfNeeded', mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: "[JSONPatch{op: 'add', path: '/data/keys', value: string(size(object.data))}]" } }] } },
    { name: 'b-add', spec: { mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: "[JSONPatch{op: 'add', path: '/data/' + jsonpatch.escapeKey('more'), value: 'yes'}]" } }] } },
    { name: 'c-never', spec: { matchConditions: [{ name: 'no', expression: "'skip' in object.data" }], mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: "[JSONPatch{op: 'remove', path: '/data'}]" } }] } },
  ])
  const { body } = await post('/api/v1/namespaces/default/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: '1' } })
  expect(body).toMatchObject({ data: { a: '1', more: 'yes', keys: '3' } })
})

it('refuses a request when a mutation fails, unless failures are to be ignored, and never sets lists of one piece', async () => {
  const failing = { mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: "[JSONPatch{op: 'add', path: '/data/x', value: object.data.nosuch}]" } }] }
  const strict = await cluster([{ name: 'strict', spec: failing }])
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: '1' } }
  const refused = await strict('/api/v1/namespaces/default/configmaps', configMap)
  expect(refused.status).toBe(403)
  expect(refused.body['message']).toContain("policy 'strict' with binding 'strict' denied request: expression '[JSONPatch{op: 'add', path: '/data/x', value: object.data.nosuch}]' resulted in error: no such key: nosuch")
  const lenient = await cluster([{ name: 'lenient', spec: { ...failing, failurePolicy: 'Ignore' } }])
  expect((await lenient('/api/v1/namespaces/default/configmaps', configMap)).status).toBe(201)
  const atomic = await cluster([{ name: 'atomic', spec: { mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: "Object{spec: Object.spec{containers: [Object.spec.containers{name: 'c', args: ['x']}]}}" } }] } }])
  expect((await atomic('/api/v1/namespaces/default/pods', pod)).body['message']).toContain('error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.containers[0].args')
})

it('says what is wrong with a policy', async () => {
  const post = await cluster([])
  const { body } = await post('/apis/admissionregistration.k8s.io/v1beta1/mutatingadmissionpolicies', { apiVersion: 'admissionregistration.k8s.io/v1beta1', kind: 'MutatingAdmissionPolicy', metadata: { name: 'x' }, spec: { mutations: [{ patchType: 'Foo' }, { patchType: 'JSONPatch' }, { patchType: 'JSONPatch', jsonPatch: { expression: '1 +' } }] } })
  const causes = (body['details'] as { causes: { field: string; message: string }[] }).causes.map(({ field, message }) => `${field}: ${message.split('\n')[0] ?? ''}`)
  expect(causes).toEqual([
    'spec.matchConstraints: Required value',
    'spec.mutations[0].patchType: Unsupported value: "Foo": supported values: "ApplyConfiguration", "JSONPatch"',
    'spec.mutations[1].jsonPatch: Required value: must be specified when patchType is JSONPatch',
    expect.stringContaining('spec.mutations[2].jsonPatch.expression: Invalid value: "1 +": compilation failed: ERROR: <input>:1:4: Syntax error'),
  ])
})
