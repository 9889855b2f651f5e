import { describe, expect, it } from 'vitest'
import { bytesBody } from '#engine/base/http'
import { encodeUtf8 } from '#engine/base/bytes'
import { startTestServer } from '#engine/apiserver/testing'
import type { UserInfo } from '#engine/apiserver/authentication/user'

const admin: UserInfo = { username: 'admin', groups: ['system:masters', 'system:authenticated'] }
const jane: UserInfo = { username: 'jane', groups: ['system:authenticated'] }

async function open(): Promise<(method: string, path: string, body?: unknown, user?: UserInfo) => Promise<{ code: number; json: Record<string, never> & { message?: string; items?: { metadata: { name: string } }[] } }>> {
  const { server } = await startTestServer({ authorizationModes: ['Node', 'RBAC'] })
  return async (method, path, body, user = admin) => {
    const response = await server.serveAs(user, { method, path, headers: { 'content-type': 'application/json', accept: 'application/json' }, body: bytesBody(encodeUtf8(body === undefined ? '' : JSON.stringify(body))) })
    return { code: response.status, json: JSON.parse(await response.body.text()) as never }
  }
}

const rbac = '/apis/rbac.authorization.k8s.io/v1'

describe('a server that has just started', () => {
  it('holds the namespaces, roles and priority classes of a fresh cluster', async () => {
    const call = await open()
    const names = async (path: string): Promise<string[]> => ((await call('GET', path)).json.items ?? []).map((item) => item.metadata.name)
    expect(await names('/api/v1/namespaces')).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system'])
    expect(await names('/apis/scheduling.k8s.io/v1/priorityclasses')).toEqual(['system-cluster-critical', 'system-node-critical'])
    expect(await names(`${rbac}/clusterroles`)).toEqual(expect.arrayContaining(['admin', 'cluster-admin', 'edit', 'system:node', 'view']))
    expect((await names('/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas')).length).toBeGreaterThan(10)
  })

  it('says who may do what, and why', async () => {
    const call = await open()
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: { namespace: 'default', verb: 'list', resource: 'pods' } } }
    const mayList = async (): Promise<unknown> => (await call('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review, jane)).json.status
    expect(await mayList()).toEqual({ allowed: false })
    await call('POST', `${rbac}/namespaces/default/roles`, { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'r' }, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }] })
    await call('POST', `${rbac}/namespaces/default/rolebindings`, { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: 'b' }, roleRef: { kind: 'Role', name: 'r' }, subjects: [{ kind: 'User', name: 'jane' }] })
    expect(await mayList()).toEqual({ allowed: true, reason: 'RBAC: allowed by RoleBinding "b/default" of Role "r" to User "jane"' })
  })

  it('gives services addresses, takes none twice, and frees them again', async () => {
    const call = await open()
    const service = (name: string, clusterIP: string): unknown => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { clusterIP, ports: [{ port: 80 }] } })
    const path = '/api/v1/namespaces/default/services'
    expect((await call('POST', path, service('a', '10.96.7.7'))).code).toBe(201)
    expect((await call('POST', path, service('b', '10.96.7.7'))).json.message).toBe('Service "b" is invalid: spec.clusterIPs: Invalid value: ["10.96.7.7"]: failed to allocate IP 10.96.7.7: provided IP is already allocated')
    await call('DELETE', `${path}/a`)
    expect((await call('POST', path, service('b', '10.96.7.7'))).code).toBe(201)
  })

  it('lets nobody hand out rights he does not have', async () => {
    const call = await open()
    const role = (name: string, rules: unknown[]): unknown => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name }, rules })
    await call('POST', `${rbac}/clusterroles`, role('writer', [{ apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles'], verbs: ['create'] }]))
    await call('POST', `${rbac}/clusterrolebindings`, { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'writer' }, roleRef: { kind: 'ClusterRole', name: 'writer' }, subjects: [{ kind: 'User', name: 'jane' }] })
    const { code, json } = await call('POST', `${rbac}/clusterroles`, role('more', [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }]), jane)
    expect(code).toBe(403)
    expect(json.message).toContain('user "jane" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}')
  })
})
