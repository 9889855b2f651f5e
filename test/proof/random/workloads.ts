/** Small Deployments of the same name that differ and overlap in every way apply cares for: maps, keyed lists, sets, atomic lists. */
import fc from 'fast-check'
import type { KubeObject } from '#engine/api/object'

const names = fc.constantFrom('a', 'b', 'c')
const text = fc.constantFrom('1', '2', '3')

function optional<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined, freq: 2 })
}

function unique<T>(item: fc.Arbitrary<T>, key: (item: T) => unknown): fc.Arbitrary<T[]> {
  return fc.uniqueArray(item, { selector: key, maxLength: 3 })
}

const env = unique(record({ name: names, value: text }, ['name']), (item) => item.name)
const ports = unique(record({ containerPort: fc.constantFrom(80, 81, 82), protocol: fc.constant('TCP'), name: fc.constantFrom('x', 'y') }, ['containerPort', 'protocol']), (item) => item.containerPort)
const mounts = unique(record({ mountPath: fc.constantFrom('/a', '/b'), name: names, readOnly: fc.constant(true) }, ['mountPath', 'name']), (item) => item.mountPath)
const quantities = fc.dictionary(fc.constantFrom('cpu', 'memory'), fc.constantFrom('1', '2'), { noNullPrototype: true })
const container = record({
  name: names, image: text, env, ports, volumeMounts: mounts, args: fc.array(text, { maxLength: 2 }), command: fc.array(text, { maxLength: 2 }), resources: record({ limits: quantities, requests: quantities }, []),
  securityContext: record({ runAsUser: fc.constantFrom(1, 2), capabilities: record({ add: fc.array(fc.constantFrom('A', 'B'), { maxLength: 2 }) }, []) }, []),
}, ['name', 'image'])
const volume = fc.oneof(record({ name: names, emptyDir: fc.constant({}) }, ['name', 'emptyDir']), record({ name: names, configMap: record({ name: text }, ['name']) }, ['name', 'configMap']))
const labels = fc.dictionary(fc.constantFrom('p', 'q', 'r'), text, { noNullPrototype: true })

const spec = record({
  replicas: fc.constantFrom(1, 2), paused: fc.constant(true), minReadySeconds: fc.constantFrom(1, 2),
  template: record({
    metadata: record({ labels, annotations: labels, finalizers: fc.uniqueArray(fc.constantFrom('f/1', 'f/2', 'f/3'), { maxLength: 2 }) }, []),
    spec: record({
      containers: unique(container, (item) => item.name), volumes: unique(volume, (item) => item.name), nodeSelector: labels, serviceAccountName: text,
      tolerations: fc.array(record({ key: names, operator: fc.constant('Exists') }, ['key', 'operator']), { maxLength: 2 }), hostAliases: unique(record({ ip: fc.constantFrom('1.1.1.1', '2.2.2.2'), hostnames: fc.array(names, { minLength: 1, maxLength: 2 }) }, ['ip', 'hostnames']), (item) => item.ip),
    }, []),
  }, []),
}, [])

/** A part of a Deployment: whatever is not said is left to others. */
export const workload: fc.Arbitrary<KubeObject> = fc.tuple(optional(labels), optional(labels), spec).map(([given, annotations, inner]) => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'default', ...(given ? { labels: given } : {}), ...(annotations ? { annotations } : {}) }, spec: inner,
}))

type Shapes<T> = { [K in keyof T]: fc.Arbitrary<T[K]> }

/** Every field but the required ones may be missing. */
function record<T extends object, K extends keyof T>(fields: Shapes<T>, required: K[]): fc.Arbitrary<Partial<T> & Pick<T, K>> {
  return fc.record(fields, { requiredKeys: required, noNullPrototype: true }) as unknown as fc.Arbitrary<Partial<T> & Pick<T, K>>
}
