import { describe, expect, it } from 'vitest'
import { match } from './matcher'

describe('what is found where a long text should hold something', () => {
  const manifest = ['apiVersion: v1', 'kind: Pod', ...Array.from({ length: 40 }, (_, index) => `    - --some-flag-${index}=value`), '    - --etcd-servers=https://127.0.0.1:2397'].join('\n')

  it('is the line that comes nearest', () => {
    expect(match({ matches: '--etcd-servers=https://[^:]+:2379' }, [manifest]).actual).toBe('- --etcd-servers=https://127.0.0.1:2397')
    expect(match({ contains: '--etcd-servers=https://127.0.0.1:2379' }, [manifest]).actual).toBe('- --etcd-servers=https://127.0.0.1:2397')
  })

  it('is the part of a list that comes nearest', () => {
    expect(match({ contains: '--etcd-servers=https://127.0.0.1:2379' }, [JSON.stringify(manifest.split('\n'))]).actual).toContain('"    - --etcd-servers=https://127.0.0.1:2397"')
  })

  it('is its beginning where nothing comes near', () => {
    expect(match({ contains: 'encryption-provider-config' }, [manifest]).actual).toMatch(/^nothing like it in 43 lines, which begin: apiVersion: v1\n/)
  })

  it('is the whole text where that is short', () => {
    expect(match({ contains: 'b' }, ['one\ntwo'])).toEqual({ holds: false, expected: 'text with "b"', actual: 'one\ntwo' })
  })
})
