import { expect, it } from 'vitest'
import type { KubeObject } from '#engine/api/object'
import { defaultHorizontalPodAutoscaler } from './defaults'

const made = (apiVersion: string, spec: object = {}): Record<string, unknown> => {
  const object = { apiVersion, kind: 'HorizontalPodAutoscaler', metadata: { name: 'h' }, spec: { maxReplicas: 3, ...spec } } as unknown as KubeObject
  defaultHorizontalPodAutoscaler(object)
  return object.spec as Record<string, unknown>
}

it('aims at 80 percent of the requested cpu, in the words of either version', () => {
  expect(made('autoscaling/v1')).toEqual({ minReplicas: 1, maxReplicas: 3, targetCPUUtilizationPercentage: 80 })
  expect(made('autoscaling/v1', { targetCPUUtilizationPercentage: 50 })).toMatchObject({ targetCPUUtilizationPercentage: 50 })
  expect(made('autoscaling/v2')).toMatchObject({ minReplicas: 1, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }] })
})
