/** Who may do what. Modes of `--authorization-mode` are factories in `authorization/authorizers.ts`, asked in the flag's order. */
import type { UserInfo } from '#engine/apiserver/authentication/user'

export interface AuthorizationAttributes {
  readonly user: UserInfo
  /** A resource verb (`get`, `list`, ..., `impersonate`) or, for a path, the HTTP method in lower case. */
  readonly verb: string
  readonly isResource: boolean
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  /** For requests that are not about resources. */
  readonly path: string
  /** Requirements of the request's selectors, where it has some. */
  readonly fieldSelector?: readonly { readonly field: string; readonly operator: '=' | '!='; readonly value: string }[]
  readonly labelSelector?: readonly { readonly key: string; readonly operator: string; readonly values: readonly string[] }[]
}

export interface AuthorizationDecision {
  readonly decision: 'allow' | 'deny' | 'no-opinion'
  readonly reason: string
  /** Something went wrong while deciding (a role that is not there): shown in reviews. */
  readonly evaluationError?: string
}

export interface ResourceRule {
  readonly verbs: readonly string[]
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
}

export interface NonResourceRule {
  readonly verbs: readonly string[]
  readonly nonResourceURLs: readonly string[]
}

export interface RulesOfUser {
  readonly resourceRules: readonly ResourceRule[]
  readonly nonResourceRules: readonly NonResourceRule[]
  readonly incomplete: boolean
  readonly evaluationError?: string
}

export interface Authorizer {
  authorize(attributes: AuthorizationAttributes): Promise<AuthorizationDecision> | AuthorizationDecision
  /** For SelfSubjectRulesReview. */
  rulesFor?(user: UserInfo, namespace: string): Promise<RulesOfUser>
}
