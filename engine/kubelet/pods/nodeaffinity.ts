/** Required node affinity: any term whose expressions and fields all hold. */
import type { Node, NodeSelector } from '#engine/api/kinds'

interface Requirement { key: string; operator: string; values?: readonly string[] }

export function nodeAffinityMatches(selector: NodeSelector, node: Node): boolean {
  const labels = node.metadata.labels ?? {}
  return selector.nodeSelectorTerms.some((term) => {
    const expressions = (term.matchExpressions ?? []) as Requirement[]
    const fields = (term.matchFields ?? []) as Requirement[]
    if (expressions.length + fields.length === 0) return false
    return expressions.every((requirement) => holds(requirement, labels[requirement.key])) && fields.every((requirement) => holds(requirement, requirement.key === 'metadata.name' ? node.metadata.name : undefined))
  })
}

function holds({ operator, values = [] }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In': return value !== undefined && values.includes(value)
    case 'NotIn': return value === undefined || !values.includes(value)
    case 'Exists': return value !== undefined
    case 'DoesNotExist': return value === undefined
    case 'Gt': return value !== undefined && Number(value) > Number(values[0])
    case 'Lt': return value !== undefined && Number(value) < Number(values[0])
    default: return false
  }
}
