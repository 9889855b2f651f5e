import { describe, expect, it } from 'vitest'
import { requestInfo } from './info'

describe('what a request is about', () => {
  it('is told by its method and its path, however often it comes', () => {
    for (let times = 0; times < 2; times++) {
      expect(requestInfo('GET', '/api/v1/namespaces/shop/pods/web/log?follow=true')).toMatchObject({ verb: 'get', namespace: 'shop', resource: 'pods', name: 'web', subresource: 'log' })
      expect(requestInfo('DELETE', '/api/v1/namespaces/shop/pods')).toMatchObject({ verb: 'deletecollection', name: '' })
      expect(requestInfo('GET', '/apis/apps/v1/deployments?watch=true')).toMatchObject({ verb: 'watch', group: 'apps', resource: 'deployments' })
    }
  })

  it('does not mix up methods and paths', () => {
    expect(requestInfo('GET', '/api/v1/pods').verb).toBe('list')
    expect(requestInfo('POST', '/api/v1/pods').verb).toBe('create')
    expect(requestInfo('GET', '/api/v1/pods?watch=1').verb).toBe('watch')
    expect(requestInfo('GET', `/api/v1/pods?labelSelector=${'a'.repeat(400)}`).query.get('labelSelector')).toHaveLength(400)
  })
})
