/** The modes of `--authorization-mode`. */
import type { Authorizer } from '#engine/apiserver/authorization/authorizer'
import { NodeAuthorizer } from '#engine/apiserver/authorization/node/authorizer'
import { RbacAuthorizer } from '#engine/apiserver/authorization/rbac/authorizer'
import type { ServerServices } from '#engine/apiserver/services'

interface AuthorizerRegistration {
  /** As in `--authorization-mode`. */
  readonly mode: string
  create(services: Omit<ServerServices, 'authorizer'>): Authorizer
}

const everything = { resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }], incomplete: false }
const nothing = { resourceRules: [], nonResourceRules: [], incomplete: false }

export const authorizers: readonly AuthorizerRegistration[] = [
  { mode: 'Node', create: ({ reader }) => new NodeAuthorizer(reader) },
  { mode: 'RBAC', create: ({ reader }) => new RbacAuthorizer(reader) },
  { mode: 'AlwaysAllow', create: () => ({ authorize: () => ({ decision: 'allow', reason: '' }), rulesFor: () => Promise.resolve(everything) }) },
  { mode: 'AlwaysDeny', create: () => ({ authorize: () => ({ decision: 'no-opinion', reason: 'Everything is forbidden.' }), rulesFor: () => Promise.resolve(nothing) }) },
]
