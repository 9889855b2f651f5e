import { describe, expect, it } from 'vitest'
import { encodeUtf8 } from '#engine/base/bytes'
import { bytesBody, emptyBody, type HttpResponse } from '#engine/base/http'
import { startTestServer } from '#engine/apiserver/testing'
import type { AuditEvent } from './event'
import { AuditPolicy, type Rule } from './policy'
import { validatePolicy } from './validate'

async function audited(rules: readonly Rule[], more: object = {}): Promise<{ events: AuditEvent[]; send(method: string, path: string, body?: object): Promise<HttpResponse> }> {
  const events: AuditEvent[] = []
  const policy = new AuditPolicy({ kind: 'Policy', apiVersion: 'audit.k8s.io/v1', rules, ...more })
  const { server } = await startTestServer({ audit: { policy, sink: (event) => events.push(event) } })
  const send = (method: string, path: string, body?: object): Promise<HttpResponse> => server.handle({ method, path, headers: { 'content-type': 'application/json', 'user-agent': 'test/1' }, body: body ? bytesBody(encodeUtf8(JSON.stringify(body))) : emptyBody })
  return { events, send }
}

const stagesOf = (events: readonly AuditEvent[]): string[] => events.map((event) => `${event.verb} ${event.stage}`)

describe('the audit log', () => {
  it('tells of a request when it comes and when it is answered, with what was sent and what was answered', async () => {
    const { events, send } = await audited([{ level: 'RequestResponse', resources: [{ resources: ['configmaps'] }] }], { omitManagedFields: true })
    const response = await send('POST', '/api/v1/namespaces/default/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'colors' }, data: { a: '1' } })
    expect(stagesOf(events)).toEqual(['create RequestReceived', 'create ResponseComplete'])
    expect(events[1]).toMatchObject({
      auditID: response.headers['audit-id'], objectRef: { resource: 'configmaps', namespace: 'default', name: 'colors', apiVersion: 'v1' }, responseStatus: { metadata: {}, code: 201 },
      requestObject: { data: { a: '1' } }, responseObject: { kind: 'ConfigMap' }, annotations: { 'authorization.k8s.io/decision': 'allow' },
    })
    expect((events[1]?.['responseObject'] as { metadata: object }).metadata).not.toHaveProperty('managedFields')
    expect(events[0]?.['objectRef']).toEqual({ resource: 'configmaps', namespace: 'default', apiVersion: 'v1' })
  })

  it('keeps no bodies at Metadata, nothing at None, and leaves out the stages it is told to', async () => {
    const { events, send } = await audited([{ level: 'None', verbs: ['get'] }, { level: 'Metadata', omitStages: ['RequestReceived'] }])
    await send('GET', '/api/v1/namespaces/default/configmaps/nosuch')
    await send('DELETE', '/api/v1/namespaces/default/configmaps/nosuch')
    expect(stagesOf(events)).toEqual(['delete ResponseComplete'])
    expect(events[0]?.['responseStatus']).toMatchObject({ status: 'Failure', reason: 'NotFound', code: 404, details: { name: 'nosuch', kind: 'configmaps' } })
    expect(events[0]).not.toHaveProperty('responseObject')
  })

  it('tells of a watch when it starts and when it ends', async () => {
    const { events, send } = await audited([{ level: 'Request', resources: [{ resources: ['configmaps/*'] }] }])
    const response = await send('GET', '/api/v1/configmaps?watch=1')
    expect(stagesOf(events)).toEqual(['watch RequestReceived', 'watch ResponseStarted'])
    const reader = (response.body.values as AsyncIterable<unknown>)[Symbol.asyncIterator]()
    await reader.next()
    await reader.return?.()
    expect(stagesOf(events).at(-1)).toBe('watch ResponseComplete')
  })

  it('refuses a policy that makes no sense', () => {
    const rules = [{ level: 'Everything' }, { level: 'None', nonResourceURLs: ['healthz', '/a*b'], namespaces: ['x'] }, {}] as unknown as Rule[]
    expect(validatePolicy({ kind: 'Policy', apiVersion: 'audit.k8s.io/v1', rules }).map((error) => `${error.field}: ${error.body}`)).toEqual([
      'rules[0].level: Unsupported value: "Everything": supported values: "None", "Metadata", "Request", "RequestResponse"',
      `rules[1].nonResourceURLs[0]: Invalid value: "healthz": non-resource URL rules must begin with a '/' character`,
      `rules[1].nonResourceURLs[1]: Invalid value: "/a*b": non-resource URL wildcards '*' must be the final character of the rule`,
      'rules[1].nonResourceURLs: Invalid value: ["healthz","/a*b"]: rules cannot apply to both regular resources and non-resource URLs', 'rules[2].level: Required value',
    ])
  })
})
