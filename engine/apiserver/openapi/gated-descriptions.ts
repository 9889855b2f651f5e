/** What the fields of gated kinds are for, in our own words: the library's descriptions do not know them. */
import type { Described } from './documents'

const metadata = 'Standard object metadata.'
const listed = { items: 'The objects of the list.', metadata: 'Standard list metadata.' }

export const ownDescriptions: Readonly<Record<string, Described>> = {
  MutatingAdmissionPolicy: ['MutatingAdmissionPolicy says, in CEL, how objects are changed on their way into the cluster.', { metadata, spec: 'What the policy matches and how it changes it.' }],
  MutatingAdmissionPolicyList: ['MutatingAdmissionPolicyList is a list of MutatingAdmissionPolicy.', listed],
  MutatingAdmissionPolicySpec: ['MutatingAdmissionPolicySpec is what a policy matches and how it changes it.', {
    failurePolicy: 'Whether a request fails (Fail, the default) or goes on unchanged (Ignore) when an expression has an error or the policy is set up wrongly.',
    matchConditions: 'CEL expressions that all have to be true for a request to be changed, beside matchConstraints. At most 64.',
    matchConstraints: 'The resources and operations of the policy. Required. CREATE, UPDATE and CONNECT may be matched, DELETE may not; nor may policies and bindings of this kind.',
    mutations: 'The changes, made one after the other, for each binding anew. At least one is required.',
    paramKind: 'The kind of the parameters that bindings may refer to; without it there are none.',
    reinvocationPolicy: 'Whether the mutations are called once (Never) or again when later ones changed the object (IfNeeded). Required.',
    variables: 'Expressions with names, for use in other expressions as `variables.NAME`. Each may use those before it.',
  }],
  Mutation: ['Mutation is one change, said by an expression.', {
    applyConfiguration: 'The fields to set, merged into the object as in server-side apply. Of patchType ApplyConfiguration only.',
    jsonPatch: 'The JSON patch to apply. Of patchType JSONPatch only.',
    patchType: 'ApplyConfiguration or JSONPatch. Required.',
  }],
  ApplyConfiguration: ['ApplyConfiguration is a part of an object that is merged into it.', { expression: 'A CEL expression that makes an object: `Object{spec: Object.spec{replicas: 3}}`. Lists, maps and structures that are one piece may not be set.' }],
  JSONPatch: ['JSONPatch is a list of changes of single paths.', { expression: 'A CEL expression that makes a list: `[JSONPatch{op: "add", path: "/metadata/labels/x", value: "y"}]`. `jsonpatch.escapeKey` writes a key for a path.' }],
  MutatingAdmissionPolicyBinding: ['MutatingAdmissionPolicyBinding puts a MutatingAdmissionPolicy into force, with parameters where the policy has some.', { metadata, spec: 'The policy, its parameters, and what it is narrowed to.' }],
  MutatingAdmissionPolicyBindingList: ['MutatingAdmissionPolicyBindingList is a list of MutatingAdmissionPolicyBinding.', listed],
  MutatingAdmissionPolicyBindingSpec: ['MutatingAdmissionPolicyBindingSpec says which policy is in force, and where.', {
    matchResources: 'Narrows what the policy matches: both have to match.',
    paramRef: 'The parameters of the policy. To be left out when the policy has no paramKind.',
    policyName: 'The name of the policy. Without such a policy the binding has no effect. Required.',
  }],
}
