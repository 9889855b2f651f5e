import { describe, expect, it } from 'vitest'
import type { KubeObject } from '#engine/api/object'
import { ownershipProblem } from './ownership'

const owner = { name: 'web', namespace: 'shop' }
const object = (metadata: Record<string, unknown>): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata }) as unknown as KubeObject

describe('an object that is there already', () => {
  it('is the release\'s by a label and two annotations', () => {
    expect(ownershipProblem(object({ labels: { 'app.kubernetes.io/managed-by': 'Helm' }, annotations: { 'meta.helm.sh/release-name': 'web', 'meta.helm.sh/release-namespace': 'shop' } }), owner)).toBeUndefined()
  })

  it('has every missing or other mark named', () => {
    expect(ownershipProblem(object({ annotations: { 'meta.helm.sh/release-name': 'other', 'meta.helm.sh/release-namespace': 'shop' } }), owner)).toBe(
      'invalid ownership metadata; label validation error: missing key "app.kubernetes.io/managed-by": must be set to "Helm"; annotation validation error: key "meta.helm.sh/release-name" must equal "web": current value is "other"',
    )
  })
})
