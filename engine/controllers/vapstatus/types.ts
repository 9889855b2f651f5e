/** The types that a policy's expressions are checked against: those of the kinds that its rules name. */
import type { KubeObject } from '#engine/api/object'
import type { TypedSchema } from '#engine/api/cel/schema-types'
import type { Client } from '#engine/client/client'
import { discover } from '#engine/client/mapper'

export interface Policy extends KubeObject {
  readonly spec?: {
    readonly paramKind?: { readonly apiVersion?: string; readonly kind?: string }
    readonly matchConstraints?: { readonly resourceRules?: readonly Rule[] }
    readonly validations?: readonly { readonly expression?: string; readonly messageExpression?: string }[]
  }
  readonly status?: { readonly observedGeneration?: number }
}

interface Rule {
  readonly apiGroups?: readonly string[]
  readonly apiVersions?: readonly string[]
  readonly resources?: readonly string[]
}

export interface Kind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** More are not looked at. */
const maxTypes = 10

export async function kindsOf(policy: Policy, client: Client): Promise<Kind[]> {
  const { resources } = await discover(client)
  const kinds = new Map<string, Kind>()
  for (const rule of policy.spec?.matchConstraints?.resourceRules ?? []) {
    const { apiGroups = [], apiVersions = [], resources: names = [] } = rule
    if (apiGroups.includes('*') || apiVersions.includes('*') || names.includes('*')) continue
    for (const group of apiGroups)
      for (const version of apiVersions)
        for (const name of names.filter((item) => !/[*/]/.test(item))) {
          const found = resources.find((item) => item.group === group && item.version === version && item.resource === name)
          if (found) kinds.set(kindText(found), { group, version, kind: found.kind })
        }
  }
  return [...kinds.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, maxTypes).map(([, kind]) => kind)
}

/** `apps/v1, Kind=Deployment` */
export function kindText({ group, version, kind }: Kind): string {
  return `${group}/${version}, Kind=${kind}`
}

export interface Document {
  readonly components?: { readonly schemas?: Readonly<Record<string, TypedSchema & { readonly 'x-kubernetes-group-version-kind'?: readonly Kind[] }>> }
}

export interface Schemas {
  readonly root?: TypedSchema
  find(reference: string): TypedSchema | undefined
}

export async function schemasOf(client: Client, { group, version, kind }: Kind): Promise<Schemas> {
  const document = await client.json<Document>('GET', `/openapi/v3/${group === '' ? `api/${version}` : `apis/${group}/${version}`}`)
  const schemas = document.components?.schemas ?? {}
  const root = Object.values(schemas).find((schema) => schema['x-kubernetes-group-version-kind']?.some((item) => item.group === group && item.version === version && item.kind === kind))
  return { ...(root ? { root } : {}), find: (reference) => schemas[reference.slice('#/components/schemas/'.length)] }
}
