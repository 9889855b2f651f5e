import { describe, expect, it } from 'vitest'
import { clientConfigFromKubeconfig } from '#engine/client/config'
import { buildKubeconfig, mergeKubeconfigs, parseKubeconfig } from '#engine/client/kubeconfig'

const admin = buildKubeconfig({ clusterName: 'kubernetes', userName: 'kubernetes-admin', server: 'https://172.30.1.2:6443', roots: 'ROOTS', user: { certificate: 'CERT', key: 'KEY' } })

describe('a kubeconfig', () => {
  it('gives the current context\'s address and certificates', () => {
    expect(clientConfigFromKubeconfig(admin)).toEqual({ clusterName: 'kubernetes', userName: 'kubernetes-admin', server: 'https://172.30.1.2:6443', roots: { data: 'ROOTS' }, certificate: { data: 'CERT' }, key: { data: 'KEY' } })
  })

  it('names what is missing in client-go\'s words', () => {
    expect(() => clientConfigFromKubeconfig({ ...admin, 'current-context': 'nope' })).toThrow('invalid configuration: context was not found for specified context: nope')
    expect(() => clientConfigFromKubeconfig(admin, { context: 'nope' })).toThrow('context "nope" does not exist')
    expect(() => clientConfigFromKubeconfig(admin, { user: 'nope' })).toThrow('auth info "nope" does not exist')
  })

  it('reads relative file names from where it lies, and merges so that the first wins', () => {
    const file = parseKubeconfig('users:\n- name: u\n  user: {client-certificate: pki/u.crt, client-key: /abs/u.key}\ncurrent-context: b\n', '/home/jane/.kube/config')
    expect(file.users[0]?.user).toEqual({ 'client-certificate': '/home/jane/.kube/pki/u.crt', 'client-key': '/abs/u.key' })
    expect(mergeKubeconfigs([admin, file])['current-context']).toBe('kubernetes-admin@kubernetes')
  })
})
