import { describe, expect, it } from 'vitest'
import type { ContainerStatus, Pod } from '#engine/api/kinds'
import { phaseOf } from './conditions'

const pod = (spec: object): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'n' }, spec: { containers: [{ name: 'c' }], ...spec } }) as unknown as Pod
const status = (state: object, lastState: object = {}): ContainerStatus => ({ name: 'c', state, lastState, ready: false, restartCount: 0, image: '', imageID: '' }) as ContainerStatus
const ended = (exitCode: number): object => ({ terminated: { exitCode } })

describe('the phase of a pod', () => {
  it('is Running while containers are started again', () => {
    expect(phaseOf(pod({ restartPolicy: 'Always' }), [status(ended(1))], [], false)).toBe('Running')
    expect(phaseOf(pod({ restartPolicy: 'OnFailure' }), [status({ waiting: { reason: 'CrashLoopBackOff' } }, ended(1))], [], false)).toBe('Running')
  })

  it('tells success and failure once nothing will run again', () => {
    expect(phaseOf(pod({ restartPolicy: 'OnFailure' }), [status(ended(0))], [], false)).toBe('Succeeded')
    expect(phaseOf(pod({ restartPolicy: 'Never' }), [status(ended(3))], [], false)).toBe('Failed')
  })

  it('heeds the rules of a single container', () => {
    const rules = { containers: [{ name: 'c', restartPolicy: 'Never', restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }] }], restartPolicy: 'Never' }
    expect(phaseOf(pod(rules), [status(ended(42))], [], false)).toBe('Running')
    expect(phaseOf(pod(rules), [status(ended(1))], [], false)).toBe('Failed')
  })

  it('stays Pending until init containers are through', () => {
    const withInit = pod({ initContainers: [{ name: 'i' }] })
    expect(phaseOf(withInit, [status({ waiting: {} })], [{ ...status({ running: {} }), name: 'i' }], false)).toBe('Pending')
  })
})
