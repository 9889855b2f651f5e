/** The health of the other components, asked at the moment of the request: nothing of it is stored. */
import { emptyBody, type HttpRequest } from '#engine/base/http'
import { failure } from '#engine/api/status'
import type { KubeObject } from '#engine/api/object'
import type { Etcd } from '#engine/etcd/api'
import type { Dialer } from '#engine/apiserver/services'

const ports: Readonly<Record<string, number>> = { 'controller-manager': 10257, scheduler: 10259 }
const names = ['controller-manager', 'etcd-0', 'scheduler']
const timeoutMs = 20_000

export interface ComponentProbes {
  readonly dialer: Dialer
  readonly etcd: Etcd
}

export function componentStatusList(probes: ComponentProbes): Promise<KubeObject[]> {
  return Promise.all(names.map((name) => componentStatus(probes, name)))
}

export function namedComponentStatus(probes: ComponentProbes, name: string): Promise<KubeObject> {
  if (!names.includes(name)) throw failure(500, '', `Component not found: ${name}`)
  return componentStatus(probes, name)
}

async function componentStatus(probes: ComponentProbes, name: string): Promise<KubeObject> {
  const { healthy, message } = await (name in ports ? answered(probes.dialer, ports[name] as number) : stored(probes.etcd))
  return { kind: 'ComponentStatus', apiVersion: 'v1', metadata: { name }, conditions: [{ type: 'Healthy', status: healthy ? 'True' : 'False', message }] }
}

async function answered(dialer: Dialer, port: number): Promise<{ healthy: boolean; message: string }> {
  const url = `https://127.0.0.1:${port}/healthz`
  const request: HttpRequest = { method: 'GET', path: '', headers: {}, body: emptyBody }
  try {
    const response = await dialer.url(url, request, { insecureSkipVerify: true, timeoutMs })
    return { healthy: response.status === 200, message: await response.body.text() }
  } catch (error) {
    return { healthy: false, message: `Get ${JSON.stringify(url)}: ${error instanceof Error ? error.message : String(error)}` }
  }
}

async function stored(etcd: Etcd): Promise<{ healthy: boolean; message: string }> {
  try {
    await etcd.range({ key: '/registry/health', limit: 1 })
    return { healthy: true, message: 'ok' }
  } catch (error) {
    return { healthy: false, message: error instanceof Error ? error.message : String(error) }
  }
}
