import { describe, expect, it } from 'vitest'
import type { HttpRequest } from '#engine/base/http'
import { valueBody } from '#engine/base/http'
import { Client } from '#engine/client/client'
import { typeWarnings } from './check'

const deployment = {
  type: 'object',
  properties: { apiVersion: { type: 'string' }, spec: { allOf: [{ $ref: '#/components/schemas/Spec' }] } },
  'x-kubernetes-group-version-kind': [{ group: 'apps', version: 'v1', kind: 'Deployment' }],
}
const answers: Record<string, unknown> = {
  '/api': { items: [] },
  '/apis': { items: [{ metadata: { name: 'apps' }, versions: [{ version: 'v1', resources: [{ resource: 'deployments', scope: 'Namespaced', responseKind: { kind: 'Deployment' } }] }] }] },
  '/openapi/v3/apis/apps/v1': { components: { schemas: { Deployment: deployment, Spec: { type: 'object', properties: { replicas: { type: 'integer', format: 'int32' } } } } } },
}
const client = new Client({ request: (request: HttpRequest) => Promise.resolve({ status: 200, headers: {}, body: valueBody(answers[request.path], () => new Uint8Array()) }) } as never)

describe('a policy of kinds that are known', () => {
  it('is warned of fields and types that are not', async () => {
    const policy = {
      apiVersion: 'v1', kind: 'ValidatingAdmissionPolicy', metadata: { name: 'a' },
      spec: { matchConstraints: { resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments', 'deployments/scale'] }] }, validations: [{ expression: 'object.spec.replica > 1' }, { expression: "object.spec.replicas == 'x'" }, { expression: 'object.spec.replicas > 1' }] },
    }
    expect(await typeWarnings(policy, client)).toEqual([
      { fieldRef: 'spec.validations[0].expression', warning: "apps/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field 'replica'\n | object.spec.replica > 1\n | ...........^\n" },
      { fieldRef: 'spec.validations[1].expression', warning: "apps/v1, Kind=Deployment: ERROR: <input>:1:22: found no matching overload for '_==_' applied to '(int, string)'\n | object.spec.replicas == 'x'\n | .....................^\n" },
    ])
  })

  it('is left alone for kinds that a wildcard stands for', async () => {
    const policy = { apiVersion: 'v1', kind: 'ValidatingAdmissionPolicy', metadata: { name: 'a' }, spec: { matchConstraints: { resourceRules: [{ apiGroups: ['*'], apiVersions: ['v1'], resources: ['deployments'] }] }, validations: [{ expression: 'object.nothing' }] } }
    expect(await typeWarnings(policy, client)).toEqual([])
  })
})
