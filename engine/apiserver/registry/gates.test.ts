import { expect, it } from 'vitest'
import type { KubeObject } from '#engine/api/object'
import { dropGatedFields } from './gates'

const set = (maxUnavailable?: number): KubeObject => ({
  apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 's' },
  spec: { updateStrategy: { rollingUpdate: { partition: 1, ...(maxUnavailable === undefined ? {} : { maxUnavailable }) } }, template: { spec: { resources: { limits: { cpu: '1' } }, workloadRef: { name: 'w' }, containers: [{ name: 'c', lifecycle: { stopSignal: 'SIGINT', preStop: {} } }] } } },
})

it('drops fields whose gate is off, and leaves the others', () => {
  const object = set(2)
  dropGatedFields(new Map(), object)
  expect(object.spec).toEqual({ updateStrategy: { rollingUpdate: { partition: 1 } }, template: { spec: { resources: { limits: { cpu: '1' } }, containers: [{ name: 'c', lifecycle: { preStop: {} } }] } } })
})

it('heeds gates by name and by stage', () => {
  const object = set(2)
  dropGatedFields(new Map([['MaxUnavailableStatefulSet', true], ['AllAlpha', true], ['PodLevelResources', false]]), object)
  expect(object.spec).toMatchObject({ updateStrategy: { rollingUpdate: { maxUnavailable: 2 } }, template: { spec: { workloadRef: { name: 'w' }, containers: [{ lifecycle: { stopSignal: 'SIGINT' } }] } } })
  expect((object.spec as { template: { spec: object } }).template.spec).not.toHaveProperty('resources')
})

it('takes nothing from an object that has it already', () => {
  const object = set(3)
  dropGatedFields(new Map(), object, set(2))
  expect(object.spec).toMatchObject({ updateStrategy: { rollingUpdate: { maxUnavailable: 3 } } })
})
