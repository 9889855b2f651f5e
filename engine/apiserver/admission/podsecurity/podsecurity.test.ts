import { describe, expect, it } from 'vitest'
import { detailText, evaluate, reasonText } from './evaluate'
import { policyOf, defaultPolicy } from './policy'

const restricted = { level: 'restricted', minor: undefined } as const
const baseline = { level: 'baseline', minor: undefined } as const

describe('Pod Security', () => {
  it('tells every reason why a plain pod is not restricted', () => {
    expect(detailText(evaluate(restricted, {}, { containers: [{ name: 'a' }] }))).toBe(
      'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]), '
      + 'runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    )
  })

  it('lets the baseline check stand back where the restricted one says more', () => {
    const spec = { hostPID: true, containers: [{ name: 'b', securityContext: { privileged: true } }], volumes: [{ name: 'h', hostPath: { path: '/etc' } }] }
    expect(reasonText(evaluate(baseline, {}, spec))).toBe('host namespaces, hostPath volumes, privileged')
    expect(reasonText(evaluate(restricted, {}, spec))).toContain('restricted volume types')
  })

  it('reads levels from labels, and refuses those that are none', () => {
    const { errors } = policyOf({ 'pod-security.kubernetes.io/enforce': 'strict', 'pod-security.kubernetes.io/warn-version': 'v1' }, defaultPolicy)
    expect(errors.map((error) => `${error.field}: ${error.body}`)).toEqual(['metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted', 'metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "v1": must be "latest" or "v1.x"'])
  })
})
