import { expect, it } from 'vitest'
import type { KubeObject } from '#engine/api/object'
import { alignNetworks, validateNodeStatusUpdate, validateNodeUpdate } from './validation'

const node = (spec: object, status: object = {}): KubeObject => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec, status }) as unknown as KubeObject
const words = (errors: readonly { field: string; body: string }[]): string[] => errors.map(({ field, body }) => `${field}: ${body}`)

it('keeps the pod network that a node has, whichever of its two fields is changed', () => {
  const changed = node({ podCIDR: '10.9.0.0/24', podCIDRs: ['10.1.0.0/24'] })
  alignNetworks(changed)
  expect(words(validateNodeUpdate(changed, node({ podCIDR: '10.1.0.0/24', podCIDRs: ['10.1.0.0/24'] })))).toEqual(['spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid'])
})

it('takes no negative amounts in a status', () => {
  expect(words(validateNodeStatusUpdate(node({}, { capacity: { pods: '-5', cpu: '2' } })))).toEqual(['status.capacity.pods: Invalid value: "-5": must be greater than or equal to 0'])
})
