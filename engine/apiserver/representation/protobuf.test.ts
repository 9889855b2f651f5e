import { describe, expect, it } from 'vitest'
import { builtinTypeOfKind } from '#engine/apiserver/schema/builtin'
import { canonical } from '#engine/apiserver/schema/canonical'
import type { Type } from '#engine/apiserver/schema/type'
import type { KubeObject } from '#engine/api/object'
import { decodeProtobufObject, encodeProtobufObject } from './protobuf'

describe('protobuf', () => {
  it('carries an object there and back', () => {
    const object: KubeObject = {
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', labels: { app: 'web' }, creationTimestamp: '2026-11-21T09:00:00Z' },
      spec: {
        replicas: 2, selector: { matchLabels: { app: 'web' } }, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 1 } },
        template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx', resources: { limits: { cpu: '500m' } }, ports: [{ containerPort: 80 }] }], volumes: [{ name: 'v', emptyDir: {} }] } },
      },
    }
    const type = builtinTypeOfKind('apps', 'v1', 'Deployment') as Type
    const bytes = encodeProtobufObject(object)
    expect([...(bytes ?? []).slice(0, 4)]).toEqual([0x6b, 0x38, 0x73, 0])
    expect(canonical(type, decodeProtobufObject(bytes as Uint8Array))).toEqual(canonical(type, object))
  })

  it('is refused where it ends too early', () => {
    expect(() => decodeProtobufObject(Uint8Array.of(0x6b, 0x38, 0x73, 0, 0x0a, 0x50))).toThrow('unexpected EOF')
    expect(() => decodeProtobufObject(Uint8Array.of(1, 2, 3))).toThrow('does not appear to be a protobuf message')
  })
})
