import { describe, expect, it } from 'vitest'
import { parseReference, tagOf, urlOf } from './registry'

describe('a chart in a registry', () => {
  it('is named by host, path and tag', () => {
    expect(parseReference('oci://registry.local:5000/charts/web')).toEqual({ host: 'registry.local:5000', repository: 'charts/web', tag: '' })
    expect(parseReference('oci://ghcr.io/team/charts/web:1.2.3')).toEqual({ host: 'ghcr.io', repository: 'team/charts/web', tag: '1.2.3' })
    expect(() => parseReference('oci://ghcr.io')).toThrow('invalid reference: oci://ghcr.io')
  })

  it('has its version as tag, where a plus cannot stand', () => {
    expect(tagOf('0.1.0+build.5')).toBe('0.1.0_build.5')
  })

  it('is asked for by HTTPS unless told otherwise', () => {
    const at = { host: 'r:5000', repository: 'web' }
    expect(urlOf(at, { plainHttp: false, access: {} }, 'tags/list')).toBe('https://r:5000/v2/web/tags/list')
    expect(urlOf(at, { plainHttp: true, access: {} }, 'tags/list')).toBe('http://r:5000/v2/web/tags/list')
  })
})
