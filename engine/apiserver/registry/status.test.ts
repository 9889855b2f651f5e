/** What reporters may not say of an object: PATCH of its status, and the causes that the server gives. */
import { expect, it } from 'vitest'
import { textBody } from '#engine/base/http'
import { toBase64, encodeUtf8 } from '#engine/base/bytes'
import { startTestServer } from '#engine/apiserver/testing'

interface Answer { readonly message?: string; readonly status?: unknown; readonly details?: { readonly causes?: readonly { readonly field: string; readonly message: string }[] } }

const cluster = await startTestServer()
await cluster.server.services.client.create('serviceaccounts', 'default', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } })

async function send(method: string, path: string, body: object): Promise<Answer> {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
  const response = await cluster.server.handle({ method, path, headers: { 'content-type': type }, body: textBody(JSON.stringify(body)) })
  return JSON.parse(await response.body.text()) as Answer
}

let count = 0
/** Creates an object, reports each of the statuses, and tells what is said of the last. */
async function reported(apiVersion: string, kind: string, resource: string, spec: object, ...statuses: object[]): Promise<string[]> {
  const name = `object-${(count += 1)}`
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`
  const collection = kind === 'Namespace' ? `${root}/${resource}` : `${root}/namespaces/default/${resource}`
  const made = await send('POST', collection, { apiVersion, kind, metadata: { name }, spec })
  expect(made.message).toBeUndefined()
  let answer: Answer = {}
  for (const status of statuses) answer = await send('PATCH', `${collection}/${name}/status`, { status })
  return answer.details?.causes?.map(({ field, message }) => `${field}: ${message}`) ?? [answer.message ?? 'fine']
}

const pod = { containers: [{ name: 'c', image: 'nginx' }] }
const ended = { name: 'c', image: 'nginx', imageID: '', ready: false, restartCount: 0, state: { terminated: { exitCode: 1 } } }
const running = { ...ended, state: { running: {} } }
const states = (status: object): object => ({ containerStatuses: [status] })

it('takes of a pod only addresses, one of each family', async () => {
  expect(await reported('v1', 'Pod', 'pods', pod, { podIPs: [{ ip: '10.0.0.256' }] })).toEqual(['status.podIPs[0]: Invalid value: "10.0.0.256": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'])
  expect(await reported('v1', 'Pod', 'pods', pod, { podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] })).toEqual(['status.podIPs: Invalid value: [{"IP":"10.0.0.1"},{"IP":"10.0.0.2"}]: may specify no more than one IP for each IP family'])
  expect(await reported('v1', 'Pod', 'pods', pod, { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] })).toEqual(['fine'])
  expect(await reported('v1', 'Pod', 'pods', pod, { hostIP: '10.0.0.1', hostIPs: [{ ip: '10.0.0.2' }] })).toEqual(['status.hostIPs[0].ip: Invalid value: "10.0.0.2": must be equal to `hostIP`'])
})

it('keeps the first address of a pod in both of its fields', async () => {
  const path = '/api/v1/namespaces/default/pods'
  await send('POST', path, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'two-fields' }, spec: pod })
  expect(await send('PATCH', `${path}/two-fields/status`, { status: { podIP: '10.0.0.1' } })).toMatchObject({ status: { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }] } })
  expect(await send('PATCH', `${path}/two-fields/status`, { status: { podIP: null, podIPs: [{ ip: '10.0.0.2' }] } })).toMatchObject({ status: { podIP: '10.0.0.2', podIPs: [{ ip: '10.0.0.2' }] } })
})

it('lets a container run again only where its pod or it is to be started again', async () => {
  const never = { ...pod, restartPolicy: 'Never' }
  expect(await reported('v1', 'Pod', 'pods', never, states(ended), states(running))).toEqual(['status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'])
  expect(await reported('v1', 'Pod', 'pods', { ...pod, restartPolicy: 'OnFailure' }, states(ended), states(running))).toEqual(['fine'])
  expect(await reported('v1', 'Pod', 'pods', pod, states(ended), states(running))).toEqual(['fine'])
  const rule = { action: 'Restart', exitCodes: { operator: 'In', values: [1] } }
  expect(await reported('v1', 'Pod', 'pods', { restartPolicy: 'Never', containers: [{ name: 'c', image: 'nginx', restartPolicy: 'Never', restartPolicyRules: [rule] }] }, states(ended), states(running))).toEqual(['fine'])
})

it('takes points of a load balancer that are addresses or names', async () => {
  const points = (...ingress: object[]): object => ({ loadBalancer: { ingress } })
  const spec = { ports: [{ port: 80 }] }
  expect(await reported('v1', 'Service', 'services', spec, points({ ip: '1.2.3.4' }))).toEqual(["status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'"])
  const balanced = { ...spec, type: 'LoadBalancer' }
  expect(await reported('v1', 'Service', 'services', balanced, points({ ip: '1.2.3.4' }))).toEqual(['fine'])
  expect(await reported('v1', 'Service', 'services', balanced, points({ ip: 'x' }, { hostname: '1.2.3.4' }, { hostname: 'A_b', ipMode: 'VIP' }, { ip: '1.2.3.4', ipMode: 'No' }))).toMatchObject([
    'status.loadBalancer.ingress[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    'status.loadBalancer.ingress[1].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
    'status.loadBalancer.ingress[2].ipMode: Forbidden: may not be specified when `ip` is not set',
    expect.stringContaining('status.loadBalancer.ingress[2].hostname: Invalid value: "A_b": a lowercase RFC 1123 subdomain'),
    'status.loadBalancer.ingress[3].ipMode: Unsupported value: "No": supported values: "Proxy", "VIP"',
  ])
  expect(await reported('networking.k8s.io/v1', 'Ingress', 'ingresses', { defaultBackend: { service: { name: 'x', port: { number: 80 } } } }, points({ ip: 'x' }))).toEqual(['status.loadBalancer.ingress[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'])
})

it('counts nothing below zero, and knows the phases of a namespace', async () => {
  expect(await reported('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', { minAvailable: 1, selector: {} }, { currentHealthy: -1, conditions: [{ type: 'a b', status: 'Maybe', lastTransitionTime: '2026-01-01T00:00:00Z', message: '' }] })).toMatchObject([
    expect.stringContaining('status.conditions[0].type: Invalid value: "a b": name part must consist of'), 'status.conditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
    'status.conditions[0].reason: Required value: must be set', 'status.currentHealthy: Invalid value: -1: must be greater than or equal to 0',
  ])
  expect(await reported('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', { maxReplicas: 2, scaleTargetRef: { kind: 'Deployment', name: 'x', apiVersion: 'apps/v1' } }, { desiredReplicas: -2 })).toEqual(['status.desiredReplicas: Invalid value: -2: must be greater than or equal to 0'])
  expect(await reported('v1', 'Namespace', 'namespaces', {}, { phase: 'Terminating' })).toEqual(["status.Phase: Invalid value: \"Terminating\": may only be 'Active' if `deletionTimestamp` is empty"])
})

it('takes for a signed certificate nothing but certificates', async () => {
  const { certificateProblem } = await import('./certificates/request')
  const said = (text: string): string | undefined => certificateProblem(toBase64(encodeUtf8(text)))
  expect(said('hello')).toBe('must contain at least one CERTIFICATE PEM block')
  expect(said('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n')).toBe('only CERTIFICATE PEM blocks are allowed, found "PRIVATE KEY"')
  expect(said('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')).toBe('x509: malformed certificate')
})
