/** Kinds that a default server does not serve, behind a gate and --runtime-config: they are in no recorded document. */
import type { OpenApiSchema } from './openapi-schema'

type Row = readonly [name: string, number: number, type: string, flags: number]

const group = 'io.k8s.api.admissionregistration'
const shared = `@${group}.v1.`
const own = `@${group}.v1beta1.`
const objectMeta = '@io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'
const typeMeta: readonly Row[] = [['kind', 0, 'string', 1], ['apiVersion', 0, 'string', 1]]

export const gatedRows: Readonly<Record<string, readonly Row[]>> = {
  [`${group}.v1beta1.MutatingAdmissionPolicy`]: [...typeMeta, ['metadata', 1, objectMeta, 1], ['spec', 2, `${own}MutatingAdmissionPolicySpec`, 1]],
  [`${group}.v1beta1.MutatingAdmissionPolicySpec`]: [
    ['paramKind', 1, `${shared}ParamKind`, 3], ['matchConstraints', 2, `${shared}MatchResources`, 3], ['variables', 3, `[]${shared}Variable`, 1], ['mutations', 4, `[]${own}Mutation`, 1],
    ['failurePolicy', 5, 'string|v1beta1.FailurePolicyType', 3], ['matchConditions', 6, `[]${shared}MatchCondition`, 1], ['reinvocationPolicy', 7, 'string|v1.ReinvocationPolicyType', 1],
  ],
  [`${group}.v1beta1.Mutation`]: [['patchType', 2, 'string|v1beta1.PatchType', 0], ['applyConfiguration', 3, `${own}ApplyConfiguration`, 3], ['jsonPatch', 4, `${own}JSONPatch`, 3]],
  [`${group}.v1beta1.ApplyConfiguration`]: [['expression', 1, 'string', 1]],
  [`${group}.v1beta1.JSONPatch`]: [['expression', 1, 'string', 1]],
  [`${group}.v1beta1.MutatingAdmissionPolicyBinding`]: [...typeMeta, ['metadata', 1, objectMeta, 1], ['spec', 2, `${own}MutatingAdmissionPolicyBindingSpec`, 1]],
  [`${group}.v1beta1.MutatingAdmissionPolicyBindingSpec`]: [['policyName', 1, 'string', 1], ['paramRef', 2, `${shared}ParamRef`, 3], ['matchResources', 3, `${shared}MatchResources`, 3]],
}

const kind = (name: string): OpenApiSchema => ({ type: 'object', 'x-kubernetes-group-version-kind': [{ group: 'admissionregistration.k8s.io', version: 'v1beta1', kind: name }] })
const byName: OpenApiSchema = { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], 'x-kubernetes-patch-merge-key': 'name', 'x-kubernetes-patch-strategy': 'merge' }

export const gatedSchemas: Readonly<Record<string, OpenApiSchema>> = {
  [`${group}.v1beta1.MutatingAdmissionPolicy`]: kind('MutatingAdmissionPolicy'),
  [`${group}.v1beta1.MutatingAdmissionPolicyBinding`]: kind('MutatingAdmissionPolicyBinding'),
  [`${group}.v1beta1.MutatingAdmissionPolicySpec`]: { type: 'object', properties: { matchConditions: byName, variables: { type: 'array', 'x-kubernetes-list-type': 'atomic' } } },
}

export interface GatedKind {
  readonly gate: string
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly resource: string
  readonly singularResource: string
}

const beta = { gate: 'MutatingAdmissionPolicy', group: 'admissionregistration.k8s.io', version: 'v1beta1' }

export const gatedKinds: readonly GatedKind[] = [
  { ...beta, kind: 'MutatingAdmissionPolicy', resource: 'mutatingadmissionpolicies', singularResource: 'mutatingadmissionpolicy' },
  { ...beta, kind: 'MutatingAdmissionPolicyBinding', resource: 'mutatingadmissionpolicybindings', singularResource: 'mutatingadmissionpolicybinding' },
]
