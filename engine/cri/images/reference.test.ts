import { describe, expect, it } from 'vitest'
import { normalizeReference, parseReference } from '#engine/cri/images/reference'

describe('image names', () => {
  it('fills in what Docker leaves out', () => {
    expect(normalizeReference('nginx')).toBe('docker.io/library/nginx:latest')
    expect(normalizeReference('bitnami/redis:7')).toBe('docker.io/bitnami/redis:7')
    expect(normalizeReference('localhost:5000/a')).toBe('localhost:5000/a:latest')
    expect(normalizeReference('registry.k8s.io/coredns/coredns:v1.13.1')).toBe('registry.k8s.io/coredns/coredns:v1.13.1')
  })

  it('keeps a digest and adds no tag to it', () => {
    const digest = `sha256:${'a'.repeat(64)}`
    expect(normalizeReference(`nginx@${digest}`)).toBe(`docker.io/library/nginx@${digest}`)
  })

  it('says what is wrong in the words of the runtime', () => {
    expect(() => parseReference('Nginx:1.27')).toThrow('invalid reference format: repository name (library/Nginx) must be lowercase')
    expect(() => parseReference('nginx 1.27')).toThrow('invalid reference format')
    expect(() => parseReference('nginx:')).toThrow('invalid reference format')
  })
})
