import { describe, expect, it } from 'vitest'
import { decodeUtf8, encodeUtf8, fromBase64 } from '#engine/base/bytes'
import { gunzip } from '#engine/base/archive/gzip'
import { decodeRelease, encodeRelease, releaseJson } from './encode'
import type { Release } from './types'

const release: Release = {
  name: 'web', version: 2, namespace: 'shop', manifest: '---\n# Source: app/templates/cm.yaml\nkind: ConfigMap\n', labels: { team: 'a' }, config: { size: 'big', color: 'pink' },
  info: { firstDeployed: '2026-11-21T09:57:42.627851566Z', lastDeployed: '2026-11-21T09:58:03.1Z', deleted: '', description: 'Upgrade complete', status: 'deployed', notes: '' },
  chart: { metadata: { name: 'app', version: '0.1.0', apiVersion: 'v2' }, templates: [{ name: 'templates/cm.yaml', data: encodeUtf8('kind: ConfigMap') }], files: [], raw: [], values: { color: 'red' }, dependencies: [] },
  hooks: [{ name: 'pre', kind: 'Pod', path: 'app/templates/pre.yaml', manifest: 'kind: Pod', events: ['pre-install'], weight: -5, deletePolicies: ['hook-succeeded'], outputLogPolicies: [], lastRun: { startedAt: '', completedAt: '', phase: '' } }],
}

describe('a release as it is stored', () => {
  it('is gzipped JSON in base64, as the real program reads it', () => {
    const json = JSON.parse(decodeUtf8(gunzip(fromBase64(encodeRelease(release))))) as Record<string, unknown>
    expect(Object.keys(json)).toEqual(['name', 'info', 'chart', 'config', 'manifest', 'hooks', 'version', 'namespace'])
    expect(json['chart']).toEqual({ metadata: { name: 'app', version: '0.1.0', apiVersion: 'v2' }, lock: null, templates: [{ name: 'templates/cm.yaml', data: 'a2luZDogQ29uZmlnTWFw' }], values: { color: 'red' }, schema: null, files: [] })
    expect(json['info']).toMatchObject({ deleted: '', status: 'deployed' })
  })

  it('sorts the keys of values and leaves out what is empty', () => {
    expect(JSON.stringify(releaseJson(release)['config'])).toBe('{"color":"pink","size":"big"}')
    expect(releaseJson({ ...release, config: {}, hooks: [] })).not.toHaveProperty('config')
  })

  it('comes back the same, with the labels that are the user\'s', () => {
    const back = decodeRelease(encodeRelease(release), { owner: 'helm', name: 'web', status: 'deployed', version: '2', modifiedAt: '1', team: 'a' })
    expect(releaseJson(back)).toEqual(releaseJson(release))
    expect(back.labels).toEqual({ team: 'a' })
  })

  it('has no values where none were given', () => {
    expect(decodeRelease(encodeRelease({ ...release, config: {} }), {}).config).toBeUndefined()
  })
})
