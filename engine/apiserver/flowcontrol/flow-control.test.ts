import { expect, it } from 'vitest'
import { emptyBody } from '#engine/base/http'
import type { KubeObject } from '#engine/api/object'
import { startTestServer } from '#engine/apiserver/testing'

it('answers with the uids of the flow schema and the priority level that a request falls under', async () => {
  const { server } = await startTestServer()
  const answer = await server.handle({ method: 'GET', path: '/version', headers: {}, body: emptyBody })
  const uid = async (resource: string, name: string): Promise<string | undefined> => (await server.services.client.get(`${resource}.flowcontrol.apiserver.k8s.io`, '', name)).metadata.uid
  expect(answer.headers['x-kubernetes-pf-flowschema-uid']).toBe(await uid('flowschemas', 'global-default'))
  expect(answer.headers['x-kubernetes-pf-prioritylevel-uid']).toBe(await uid('prioritylevelconfigurations', 'global-default'))
})

it('says of a flow schema whether its level exists', async () => {
  const { server } = await startTestServer()
  const resource = 'flowschemas.flowcontrol.apiserver.k8s.io'
  await server.services.client.create(resource, '', {
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'FlowSchema', metadata: { name: 'lost' },
    spec: { priorityLevelConfiguration: { name: 'nowhere' }, rules: [{ subjects: [{ kind: 'User', user: { name: 'jane' } }], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] }] },
  } as KubeObject)
  for (let turn = 0; turn < 500; turn++) await Promise.resolve()
  const made = await server.services.client.get(resource, '', 'lost')
  expect((made['status'] as { conditions: object[] }).conditions[0]).toMatchObject({ type: 'Dangling', status: 'True', reason: 'NotFound', message: 'This FlowSchema references the PriorityLevelConfiguration object named "nowhere" but there is no such object' })
})
