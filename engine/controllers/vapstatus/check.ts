/** What a policy's expressions would not find in the kinds that it is about. */
import { checkExpression } from '#engine/api/cel/complaint'
import { schemaEnvironment } from '#engine/api/cel/schema-types'
import type { Client } from '#engine/client/client'
import { kindsOf, kindText, schemasOf, type Policy } from './types'

export interface ExpressionWarning {
  readonly fieldRef: string
  readonly warning: string
}

export async function typeWarnings(policy: Policy, client: Client): Promise<ExpressionWarning[]> {
  const environments = await environmentsOf(policy, client)
  return (policy.spec?.validations ?? []).flatMap((validation, index) =>
    (['expression', 'messageExpression'] as const).flatMap((field) => {
      const problems = environments.flatMap(({ kind, environment }) => {
        const { problem } = checkExpression(environment, validation[field] || 'true')
        return problem === undefined ? [] : [`${kind}: ${problem}\n`]
      })
      return problems.length > 0 ? [{ fieldRef: `spec.validations[${index}].${field}`, warning: problems.join('\n') }] : []
    }),
  )
}

async function environmentsOf(policy: Policy, client: Client) {
  const kinds = await kindsOf(policy, client)
  const { apiVersion = '', kind = '' } = policy.spec?.paramKind ?? {}
  const cut = apiVersion.lastIndexOf('/')
  const params = kind === '' || kinds.length === 0 ? undefined : await schemasOf(client, { group: apiVersion.slice(0, Math.max(0, cut)), version: apiVersion.slice(cut + 1), kind }).catch(() => undefined)
  const made = []
  for (const each of kinds) {
    const schemas = await schemasOf(client, each).catch(() => undefined)
    if (!schemas?.root) continue
    const variables = { object: schemas.root, oldObject: schemas.root, request: undefined, params: params?.root, namespaceObject: undefined, authorizer: undefined, variables: undefined }
    made.push({ kind: kindText(each), environment: schemaEnvironment(variables, (reference) => schemas.find(reference) ?? params?.find(reference)) })
  }
  return made
}
