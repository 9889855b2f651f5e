/** One document that a template made. */
export interface Manifest {
  /** The template's path. */
  readonly name: string
  readonly content: string
  readonly kind: string
  readonly apiVersion: string
}

export interface Hook {
  readonly name: string
  readonly kind: string
  readonly path: string
  readonly manifest: string
  readonly events: readonly string[]
  readonly weight: number
  readonly deletePolicies: readonly string[]
  readonly outputLogPolicies: readonly string[]
}
