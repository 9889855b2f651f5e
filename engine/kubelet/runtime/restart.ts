/** Whether a container that ended is to run again: the pod's policy, its own policy, and its rules by exit code. */
import type { Container, Pod } from '#engine/api/kinds'

export type ContainerKind = 'init' | 'regular' | 'ephemeral'

export interface NamedContainer { readonly kind: ContainerKind; readonly container: Container }

export function allContainers(pod: Pod): NamedContainer[] {
  const spec = pod.spec
  return [
    ...(spec?.initContainers ?? []).map((container): NamedContainer => ({ kind: 'init', container })),
    ...(spec?.containers ?? []).map((container): NamedContainer => ({ kind: 'regular', container })),
    ...(spec?.ephemeralContainers ?? []).map((container): NamedContainer => ({ kind: 'ephemeral', container: container as Container })),
  ]
}

/** A sidecar: an init container that keeps running beside the others. */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always'
}

interface RestartRule { action?: string; exitCodes?: { operator?: string; values?: number[] } }

export function shouldRestart(pod: Pod, container: Container, ended: { readonly exitCode: number }): boolean {
  const rules = (container as { restartPolicyRules?: RestartRule[] }).restartPolicyRules ?? []
  const rule = rules.find((item) => concerns(item, ended.exitCode))
  if (rule) return rule.action === 'Restart' || rule.action === 'RestartAllContainers'
  const policy = container.restartPolicy ?? pod.spec?.restartPolicy ?? 'Always'
  return policy === 'Always' || (policy === 'OnFailure' && ended.exitCode !== 0)
}

function concerns({ exitCodes = {} }: RestartRule, exitCode: number): boolean {
  const listed = (exitCodes.values ?? []).includes(exitCode)
  return exitCodes.operator === 'NotIn' ? !listed : listed
}
