/** Merge keys of the built-in kinds for when no server can be asked (kustomize, --local): k8s.io/api's patch tags. */
import { PatchMeta, type SchemaNode } from '#engine/programs/common/patch/schema'

const list = (mergeKey: string, item: SchemaNode = {}, strategy = 'merge', keys?: readonly string[]): SchemaNode => ({ 'x-kubernetes-patch-merge-key': mergeKey, 'x-kubernetes-patch-strategy': strategy, ...(keys ? { 'x-kubernetes-list-map-keys': keys } : {}), items: item })
const set: SchemaNode = { 'x-kubernetes-patch-strategy': 'merge', items: {} }
const map = (properties: Record<string, SchemaNode>): SchemaNode => ({ properties })

const container = map({
  env: list('name'), ports: list('containerPort', {}, 'merge', ['containerPort', 'protocol']), volumeMounts: list('mountPath'), volumeDevices: list('devicePath'),
})

const affinityPod = map({})

const podSpec = map({
  containers: list('name', container), initContainers: list('name', container), ephemeralContainers: list('name', container), volumes: list('name', {}, 'merge,retainKeys'), imagePullSecrets: list('name'), hostAliases: list('ip'),
  topologySpreadConstraints: list('topologyKey'), schedulingGates: list('name'), resourceClaims: list('name', {}, 'merge,retainKeys'), affinity: affinityPod,
  securityContext: map({}),
})

const metadata = map({ finalizers: set, ownerReferences: list('uid') })
const template = map({ metadata, spec: podSpec })
const conditions = list('type')

const kinds: Readonly<Record<string, SchemaNode>> = {
  Pod: map({ metadata, spec: podSpec, status: map({ conditions }) }),
  PodTemplate: map({ metadata, template }),
  Deployment: map({ metadata, spec: map({ template, strategy: { 'x-kubernetes-patch-strategy': 'retainKeys' } }), status: map({ conditions }) }),
  ReplicaSet: map({ metadata, spec: map({ template }), status: map({ conditions }) }),
  StatefulSet: map({ metadata, spec: map({ template }), status: map({ conditions }) }),
  DaemonSet: map({ metadata, spec: map({ template }), status: map({ conditions }) }),
  ReplicationController: map({ metadata, spec: map({ template }), status: map({ conditions }) }),
  Job: map({ metadata, spec: map({ template }), status: map({ conditions }) }),
  CronJob: map({ metadata, spec: map({ jobTemplate: map({ metadata, spec: map({ template }) }) }) }),
  Service: map({ metadata, spec: map({ ports: list('port', {}, 'merge', ['port', 'protocol']) }), status: map({ conditions }) }),
  ServiceAccount: map({ metadata, secrets: list('name') }),
  Node: map({ metadata, spec: map({ podCIDRs: set }), status: map({ conditions, addresses: list('type') }) }),
  PersistentVolumeClaim: map({ metadata, status: map({ conditions }) }),
}

export function builtinPatchMeta(kind: string): PatchMeta {
  return new PatchMeta({}, kinds[kind] ?? map({ metadata }))
}

export function isBuiltinKind(kind: string): boolean {
  return Object.hasOwn(kinds, kind)
}
