import { describe, expect, it } from 'vitest'
import { fieldErrorText } from '#engine/api/field'
import type { KubeObject } from '#engine/api/object'
import { defaultPod } from '../defaults'
import { qosClassOf } from '../qos'
import { validateNewPod, validatePodUpdate } from './pod'

function pod(spec: Record<string, unknown>): KubeObject {
  const made: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'n' }, spec: structuredClone(spec) }
  defaultPod(made)
  return made
}

const complaints = (spec: Record<string, unknown>): string[] => validateNewPod(pod(spec)).map(fieldErrorText)
const container = { name: 'c', image: 'nginx' }

describe('a new pod', () => {
  it('is fine when it has a container', () => {
    expect(complaints({ containers: [container] })).toEqual([])
  })

  it('needs containers with names and images of their own', () => {
    expect(complaints({ containers: [] })).toEqual(['spec.containers: Required value'])
    expect(complaints({ containers: [{ name: 'a', image: 'x' }, { name: 'a' }] })).toEqual(['spec.containers[1].image: Required value', 'spec.containers[1].name: Duplicate value: "a"'])
  })

  it('mounts only volumes it has, each at a place of its own', () => {
    const volumeMounts = [{ name: 'v', mountPath: '/a' }, { name: 'w', mountPath: '/a' }]
    expect(complaints({ containers: [{ ...container, volumeMounts }], volumes: [{ name: 'v', emptyDir: {} }] })).toEqual([
      'spec.containers[0].volumeMounts[1].name: Not found: "w"', 'spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/a": must be unique',
    ])
  })

  it('asks for no more than its limits', () => {
    const resources = { requests: { cpu: '2' }, limits: { cpu: '1' } }
    expect(complaints({ containers: [{ ...container, resources }] })).toEqual(['spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1'])
  })

  it('has probes with one handler each', () => {
    const livenessProbe = { exec: { command: ['x'] }, httpGet: { port: 80 }, successThreshold: 2 }
    expect(complaints({ containers: [{ ...container, livenessProbe }] })).toEqual([
      'spec.containers[0].livenessProbe.httpGet: Forbidden: may not specify more than 1 handler type', 'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1',
    ])
  })

  it('is validated in tens of microseconds', () => {
    const full = pod({ containers: [{ ...container, ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1', memory: '1Gi' } }, livenessProbe: { httpGet: { port: 80 } }, volumeMounts: [{ name: 'v', mountPath: '/v' }] }], volumes: [{ name: 'v', emptyDir: {} }] })
    expect(validateNewPod(full)).toEqual([])
  })
})

describe('a pod that runs', () => {
  const running = pod({ containers: [container], restartPolicy: 'Always' })

  it('may get another image', () => {
    expect(validatePodUpdate({ ...running, spec: { ...running.spec, containers: [{ ...running.spec.containers[0], image: 'nginx:1.28' }] } }, running)).toEqual([])
  })

  it('keeps everything else, and the message shows the difference as Go has it', () => {
    const [error] = validatePodUpdate({ ...running, spec: { ...running.spec, restartPolicy: 'Never' } }, running)
    expect(error?.body).toContain('Forbidden: pod updates may not change fields other than `spec.containers[*].image`')
    expect(error?.body).toContain('- "RestartPolicy": "Always",\n+ "RestartPolicy": "Never",\n')
  })

  it('may be told more closely where to run while it waits at a gate', () => {
    const gated = (more: object) => pod({ containers: [container], schedulingGates: [{ name: 'x.y/z' }], nodeSelector: { a: 'b' }, ...more })
    const words = (next: ReturnType<typeof gated>) => validatePodUpdate(next, gated({})).map((error) => `${error.field}: ${error.body}`)
    expect(words(gated({ nodeSelector: { a: 'b', c: 'd' } }))).toEqual([])
    expect(words(gated({ nodeSelector: { c: 'd' } }))).toEqual(['spec.nodeSelector: Invalid value: {"c":"d"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)'])
    expect(words(gated({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }] } } } }))).toEqual([])
    expect(words(gated({ affinity: { podAffinity: {} } }))).toHaveLength(1)
  })

  it('has the quality of service its resources say', () => {
    const of = (resources: unknown): string => qosClassOf(pod({ containers: [{ ...container, resources }] }).spec)
    expect([of({}), of({ requests: { cpu: '1' } }), of({ limits: { cpu: '1', memory: '1Gi' } })]).toEqual(['BestEffort', 'Burstable', 'Guaranteed'])
  })
})
