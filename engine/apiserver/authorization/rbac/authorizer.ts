import type { AuthorizationAttributes, AuthorizationDecision, Authorizer, NonResourceRule, ResourceRule, RulesOfUser } from '#engine/apiserver/authorization/authorizer'
import type { UserInfo } from '#engine/apiserver/authentication/user'
import type { ObjectReader } from '#engine/apiserver/services'
import { RuleResolver } from './resolver'
import { ruleAllows } from './rules'

export class RbacAuthorizer implements Authorizer {
  private readonly resolver: RuleResolver

  constructor(reader: ObjectReader) {
    this.resolver = new RuleResolver(reader)
  }

  authorize(attributes: AuthorizationAttributes): AuthorizationDecision | Promise<AuthorizationDecision> {
    let source = ''
    const decided = (errors: readonly string[]): AuthorizationDecision => {
      if (source !== '') return { decision: 'allow', reason: `RBAC: allowed by ${source}` }
      return { decision: 'no-opinion', reason: errors.length === 0 ? '' : `RBAC: ${aggregate(errors)}` }
    }
    const errors = this.resolver.visit(attributes.user, attributes.isResource ? attributes.namespace : '', (grant) => {
      if (!grant.rules.some((rule) => ruleAllows(rule, attributes))) return false
      source = grant.source
      return true
    })
    return errors instanceof Promise ? errors.then(decided) : decided(errors)
  }

  async rulesFor(user: UserInfo, namespace: string): Promise<RulesOfUser> {
    const { grants, errors } = await this.resolver.grantsOf(user, namespace)
    const resourceRules: ResourceRule[] = []
    const nonResourceRules: NonResourceRule[] = []
    for (const rule of grants.flatMap((grant) => grant.rules)) {
      if (rule.resources?.length) resourceRules.push({ verbs: rule.verbs, apiGroups: rule.apiGroups ?? [], resources: rule.resources, ...(rule.resourceNames?.length ? { resourceNames: rule.resourceNames } : {}) })
      if (rule.nonResourceURLs?.length) nonResourceRules.push({ verbs: rule.verbs, nonResourceURLs: rule.nonResourceURLs })
    }
    return { resourceRules, nonResourceRules, incomplete: errors.length > 0, ...(errors.length > 0 ? { evaluationError: aggregate(errors) } : {}) }
  }
}

function aggregate(errors: readonly string[]): string {
  const distinct = [...new Set(errors)]
  return distinct.length === 1 ? (distinct[0] ?? '') : `[${distinct.join(', ')}]`
}
