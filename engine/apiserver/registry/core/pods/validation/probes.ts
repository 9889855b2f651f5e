/** Probes and life cycle hooks: each has one handler. */
import { forbidden, invalid, notSupported, required } from '#engine/api/field'
import type { FieldPath } from '#engine/api/field'
import { httpHeaderName, portName, portNumber } from '#engine/api/validation/names'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { checkName, needed, notNegative } from './errors'
import type { Errors } from './errors'

export function validatePort(errors: Errors, port: unknown, path: FieldPath): void {
  if (typeof port === 'string') for (const text of portName(port)) errors.push(invalid(path, port, text))
  else for (const text of portNumber((port as number | undefined) ?? 0)) errors.push(invalid(path, port ?? 0, text))
}

export function validateHandler(errors: Errors, handler: Free, gracePeriod: number, path: FieldPath): void {
  let count = 0
  const first = (name: string): boolean => {
    if (handler[name] === undefined || handler[name] === null) return false
    if (count++ === 0) return true
    errors.push(forbidden(path.child(name), 'may not specify more than 1 handler type'))
    return false
  }
  if (first('exec') && listOf(handler.exec.command).length === 0) errors.push(required(path.child('exec', 'command'), ''))
  if (first('httpGet')) validateHttpGet(errors, handler.httpGet, path.child('httpGet'))
  if (first('tcpSocket')) validatePort(errors, handler.tcpSocket.port, path.child('tcpSocket', 'port'))
  if (first('grpc')) validatePort(errors, handler.grpc.port, path.child('grpc', 'port'))
  if (first('sleep')) {
    const seconds = (handler.sleep.seconds ?? 0) as number
    if (seconds < 0 || seconds > gracePeriod) errors.push(invalid(path.child('sleep'), seconds, `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`))
  }
  if (count === 0) errors.push(required(path, 'must specify a handler type'))
}

function validateHttpGet(errors: Errors, action: Free, path: FieldPath): void {
  needed(errors, action.path, path.child('path'))
  validatePort(errors, action.port, path.child('port'))
  const schemes = ['HTTP', 'HTTPS']
  if (!schemes.includes(action.scheme as string)) errors.push(notSupported(path.child('scheme'), action.scheme ?? '', schemes))
  for (const header of listOf(action.httpHeaders)) checkName(errors, (header.name ?? '') as string, httpHeaderName, path.child('httpHeaders'))
}

function validateProbe(errors: Errors, probe: Free, gracePeriod: number, path: FieldPath): void {
  validateHandler(errors, probe, gracePeriod, path)
  for (const field of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold']) notNegative(errors, probe[field] as number | undefined, path.child(field))
  const own = probe.terminationGracePeriodSeconds as number | undefined
  if (own !== undefined && own !== null && own <= 0) errors.push(invalid(path.child('terminationGracePeriodSeconds'), own, 'must be greater than 0'))
}

export function validateProbesAndHooks(errors: Errors, container: Free, gracePeriod: number, path: FieldPath): void {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container
  for (const name of ['postStart', 'preStop']) if (lifecycle?.[name]) validateHandler(errors, lifecycle[name], gracePeriod, path.child('lifecycle', name))
  if (livenessProbe) validateProbe(errors, livenessProbe, gracePeriod, path.child('livenessProbe'))
  if (livenessProbe && livenessProbe.successThreshold !== 1) errors.push(invalid(path.child('livenessProbe', 'successThreshold'), livenessProbe.successThreshold ?? 0, 'must be 1'))
  if (readinessProbe) validateProbe(errors, readinessProbe, gracePeriod, path.child('readinessProbe'))
  if (readinessProbe?.terminationGracePeriodSeconds !== undefined && readinessProbe.terminationGracePeriodSeconds !== null) errors.push(invalid(path.child('readinessProbe', 'terminationGracePeriodSeconds'), readinessProbe.terminationGracePeriodSeconds, 'must not be set for readinessProbes'))
  if (startupProbe) validateProbe(errors, startupProbe, gracePeriod, path.child('startupProbe'))
  if (startupProbe && startupProbe.successThreshold !== 1) errors.push(invalid(path.child('startupProbe', 'successThreshold'), startupProbe.successThreshold ?? 0, 'must be 1'))
}
