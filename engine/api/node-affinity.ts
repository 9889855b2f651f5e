/** Node selectors and the required part of node affinity. */
import { matchesLabels, type LabelOperator } from '#engine/api/selector'
import type { Node, NodeSelectorTerm, Pod } from '#engine/api/kinds'

const operators: Record<string, LabelOperator> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!', Gt: 'gt', Lt: 'lt' }

interface Requirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

/** A term without any requirement matches nothing. */
export function matchesNodeTerm(term: NodeSelectorTerm, node: Node): boolean {
  const expressions = (term.matchExpressions ?? []) as readonly Requirement[]
  const fields = (term.matchFields ?? []) as readonly Requirement[]
  if (expressions.length === 0 && fields.length === 0) return false
  return matches(expressions, node.metadata.labels) && matches(fields, { 'metadata.name': node.metadata.name ?? '' })
}

function matches(requirements: readonly Requirement[], labels: Readonly<Record<string, string>> | undefined): boolean {
  return requirements.every((requirement) => {
    const operator = operators[requirement.operator]
    return operator !== undefined && matchesLabels([{ key: requirement.key, operator, values: requirement.values ?? [] }], labels)
  })
}

/** `spec.nodeSelector` and required node affinity of a pod. */
export function matchesNode(pod: Pod, node: Node): boolean {
  for (const [key, value] of Object.entries(pod.spec?.nodeSelector ?? {})) if (node.metadata.labels?.[key] !== value) return false
  const terms = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return terms === undefined || terms.some((term) => matchesNodeTerm(term, node))
}
