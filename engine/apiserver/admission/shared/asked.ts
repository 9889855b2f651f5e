/** Expressions that ask the authorizer: what they ask is noted, answered, and then they are evaluated once more. */
import { CelAuthorizer, type AuthorizerAnswer, type AuthorizerQuestion } from '#engine/api/cel/libraries/authorizer'
import type { AdmissionAttributes } from '#engine/apiserver/admission/plugin'
import type { AuthorizationAttributes, Authorizer } from '#engine/apiserver/authorization/authorizer'

/** An answer may lead to another question; no expression asks this often. */
const maxRounds = 20
const unanswered: AuthorizerAnswer = { allowed: false, reason: '' }

export async function withAuthorizer<T>(attributes: AdmissionAttributes, authorizer: Authorizer, evaluate: (authorizer: CelAuthorizer) => T): Promise<T> {
  const answers = new Map<string, AuthorizerAnswer>()
  for (let round = 0; ; round++) {
    const open = new Map<string, AuthorizerQuestion>()
    const variable = new CelAuthorizer((question) => {
      const key = JSON.stringify(question)
      const answer = answers.get(key)
      if (!answer) open.set(key, question)
      return answer ?? unanswered
    }, requestResource(attributes))
    const outcome = evaluate(variable)
    if (open.size === 0 || round === maxRounds) return outcome
    for (const [key, question] of open) answers.set(key, await answerOf(authorizer, attributes, question))
  }
}

function requestResource({ group, resource, subresource, namespace, name }: AdmissionAttributes): Partial<AuthorizerQuestion> {
  return { group, resource, subresource, namespace, name }
}

async function answerOf(authorizer: Authorizer, attributes: AdmissionAttributes, question: AuthorizerQuestion): Promise<AuthorizerAnswer> {
  const { verb, path, group = '', resource = '', subresource = '', namespace = '', name = '', serviceAccount } = question
  const user = serviceAccount
    ? { username: `system:serviceaccount:${serviceAccount.namespace}:${serviceAccount.name}`, groups: ['system:serviceaccounts', `system:serviceaccounts:${serviceAccount.namespace}`, 'system:authenticated'] }
    : attributes.user
  const asked: AuthorizationAttributes = { user, verb, isResource: path === undefined, group, version: path === undefined ? '*' : '', resource, subresource, namespace, name, path: path ?? '' }
  try {
    const { decision, reason } = await authorizer.authorize(asked)
    return { allowed: decision === 'allow', reason }
  } catch (error) {
    return { ...unanswered, error: error instanceof Error ? error.message : String(error) }
  }
}
