/** Kinds that a default server does not serve, behind a gate and --runtime-config: they are in no recorded document. */
import type { OpenApiSchema } from './openapi-schema'

type Row = readonly [name: string, number: number, type: string, flags: number]

export interface GatedKind {
  readonly gate: string
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly resource: string
  readonly singularResource: string
  /** A served kind of the same shape, whose paths are the pattern of this one's. */
  readonly like: { readonly version: string; readonly kind: string; readonly resource: string }
}

const beta = { gate: 'MutatingAdmissionPolicy', group: 'admissionregistration.k8s.io', version: 'v1beta1' }

export const gatedKinds: readonly GatedKind[] = [
  { ...beta, kind: 'MutatingAdmissionPolicy', resource: 'mutatingadmissionpolicies', singularResource: 'mutatingadmissionpolicy', like: { version: 'v1', kind: 'ValidatingAdmissionPolicy', resource: 'validatingadmissionpolicies' } },
  { ...beta, kind: 'MutatingAdmissionPolicyBinding', resource: 'mutatingadmissionpolicybindings', singularResource: 'mutatingadmissionpolicybinding', like: { version: 'v1', kind: 'ValidatingAdmissionPolicyBinding', resource: 'validatingadmissionpolicybindings' } },
]

const group = 'io.k8s.api.admissionregistration'
const own = `${group}.v1beta1.`
const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1.'
/** Types of the stable version that the beta one has as well, letter by letter. */
const shared = ['MatchCondition', 'MatchResources', 'NamedRuleWithOperations', 'ParamKind', 'ParamRef', 'Variable']

/** The name of the stable type that a gated one is a copy of. */
export function stableName(name: string): string | undefined {
  const bare = name.startsWith(own) ? name.slice(own.length) : ''
  return shared.includes(bare) ? `${group}.v1.${bare}` : undefined
}

const typeMeta: readonly Row[] = [['kind', 0, 'string', 1], ['apiVersion', 0, 'string', 1]]
const objectRows = (spec: string): readonly Row[] => [...typeMeta, ['metadata', 1, `@${meta}ObjectMeta`, 1], ['spec', 2, `@${own}${spec}`, 1]]

const ownRows: Readonly<Record<string, readonly Row[]>> = {
  MutatingAdmissionPolicy: objectRows('MutatingAdmissionPolicySpec'),
  MutatingAdmissionPolicySpec: [
    ['paramKind', 1, `@${own}ParamKind`, 3], ['matchConstraints', 2, `@${own}MatchResources`, 3], ['variables', 3, `[]@${own}Variable`, 1], ['mutations', 4, `[]@${own}Mutation`, 1],
    ['failurePolicy', 5, 'string|v1beta1.FailurePolicyType', 3], ['matchConditions', 6, `[]@${own}MatchCondition`, 1], ['reinvocationPolicy', 7, 'string|v1.ReinvocationPolicyType', 1],
  ],
  Mutation: [['patchType', 2, 'string|v1beta1.PatchType', 0], ['applyConfiguration', 3, `@${own}ApplyConfiguration`, 3], ['jsonPatch', 4, `@${own}JSONPatch`, 3]],
  ApplyConfiguration: [['expression', 1, 'string', 1]],
  JSONPatch: [['expression', 1, 'string', 1]],
  MutatingAdmissionPolicyBinding: objectRows('MutatingAdmissionPolicyBindingSpec'),
  MutatingAdmissionPolicyBindingSpec: [['policyName', 1, 'string', 1], ['paramRef', 2, `@${own}ParamRef`, 3], ['matchResources', 3, `@${own}MatchResources`, 3]],
}

/** Rows of the gated types, beside those of the stable ones. */
export function gatedRows(stable: Readonly<Record<string, readonly Row[]>>): Record<string, readonly Row[]> {
  const out: Record<string, readonly Row[]> = {}
  for (const [name, rows] of Object.entries(ownRows)) out[own + name] = rows
  for (const name of shared) out[own + name] = JSON.parse(inBeta(JSON.stringify(stable[`${group}.v1.${name}`] ?? []))) as readonly Row[]
  return out
}

function inBeta(text: string): string {
  let out = text.replaceAll(/\|v1\.(MatchPolicyType|ParameterNotFoundActionType)/g, '|v1beta1.$1')
  for (const name of shared) out = out.replaceAll(`${group}.v1.${name}"`, `${own}${name}"`)
  return out
}

const reference = (name: string): OpenApiSchema => ({ allOf: [{ $ref: `#${name}` }] })
const filled = (name: string): OpenApiSchema => ({ default: {}, ...reference(name) })
const list = (name: string): OpenApiSchema => ({ type: 'array', items: filled(own + name), 'x-kubernetes-list-type': 'atomic' })
const text: OpenApiSchema = { type: 'string' }
const expression: OpenApiSchema = { type: 'object', properties: { expression: text } }

function objectSchemas(kind: string): Record<string, OpenApiSchema> {
  const gvk = (name: string): OpenApiSchema => ({ 'x-kubernetes-group-version-kind': [{ group: beta.group, kind: name, version: beta.version }] })
  const typed = (members: Record<string, OpenApiSchema>): Record<string, OpenApiSchema> => ({ apiVersion: text, ...members })
  return {
    [own + kind]: { type: 'object', properties: typed({ kind: text, metadata: filled(`${meta}ObjectMeta`), spec: filled(`${own}${kind}Spec`) }), ...gvk(kind) },
    [`${own}${kind}List`]: { type: 'object', required: ['items'], properties: typed({ items: { type: 'array', items: filled(own + kind) }, kind: text, metadata: filled(`${meta}ListMeta`) }), ...gvk(`${kind}List`) },
  }
}

const ownSchemas: Readonly<Record<string, OpenApiSchema>> = {
  ...objectSchemas('MutatingAdmissionPolicy'),
  ...objectSchemas('MutatingAdmissionPolicyBinding'),
  [`${own}MutatingAdmissionPolicySpec`]: { type: 'object', properties: {
    failurePolicy: { type: 'string', enum: ['Fail', 'Ignore'] },
    matchConditions: { ...list('MatchCondition'), 'x-kubernetes-list-map-keys': ['name'], 'x-kubernetes-list-type': 'map', 'x-kubernetes-patch-merge-key': 'name', 'x-kubernetes-patch-strategy': 'merge' },
    matchConstraints: reference(`${own}MatchResources`), mutations: list('Mutation'), paramKind: reference(`${own}ParamKind`),
    reinvocationPolicy: { type: 'string', enum: ['IfNeeded', 'Never'] }, variables: list('Variable'),
  } },
  [`${own}Mutation`]: { type: 'object', required: ['patchType'], properties: {
    applyConfiguration: reference(`${own}ApplyConfiguration`), jsonPatch: reference(`${own}JSONPatch`), patchType: { type: 'string', default: '', enum: ['ApplyConfiguration', 'JSONPatch'] },
  } },
  [`${own}ApplyConfiguration`]: expression,
  [`${own}JSONPatch`]: expression,
  [`${own}MutatingAdmissionPolicyBindingSpec`]: { type: 'object', properties: { matchResources: reference(`${own}MatchResources`), paramRef: reference(`${own}ParamRef`), policyName: text } },
}

/** Schemas of the gated types, beside those of the stable ones. */
export function gatedSchemas(stable: Readonly<Record<string, OpenApiSchema>>): Record<string, OpenApiSchema> {
  const out: Record<string, OpenApiSchema> = { ...ownSchemas }
  for (const name of shared) out[own + name] = JSON.parse(inBeta(JSON.stringify(stable[`${group}.v1.${name}`] ?? {}))) as OpenApiSchema
  return out
}
