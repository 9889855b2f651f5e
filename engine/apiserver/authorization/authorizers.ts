/** The modes of `--authorization-mode`. */
import type { AuthorizerRegistration } from '#engine/apiserver/authorization/authorizer'

export const authorizers: readonly AuthorizerRegistration[] = [
  { mode: 'AlwaysAllow', create: () => ({ authorize: () => ({ decision: 'allow', reason: '' }), rulesFor: () => Promise.resolve({ resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }], incomplete: false }) }) },
  { mode: 'AlwaysDeny', create: () => ({ authorize: () => ({ decision: 'no-opinion', reason: 'Everything is forbidden.' }), rulesFor: () => Promise.resolve({ resourceRules: [], nonResourceRules: [], incomplete: false }) }) },
]
