/** Roles and bindings as the table of a server's start has them. */
import type { PolicyRule } from '#engine/apiserver/authorization/rbac/rules'

export interface PolicyRole {
  readonly name: string
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly aggregationRule?: unknown
  readonly rules: readonly PolicyRule[]
}

export interface PolicyBinding {
  readonly name: string
  readonly namespace?: string
  readonly role: string
  readonly roleName: string
  readonly subjects: readonly unknown[]
}
