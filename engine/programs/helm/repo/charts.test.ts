import { describe, expect, it } from 'vitest'
import { chartVersion, parseIndex } from './charts'
import { below } from './download'
import { search } from './search'

const index = parseIndex(`apiVersion: v1
entries:
  web:
  - {name: web, version: 0.1.0, description: A web chart, urls: [web-0.1.0.tgz]}
  - {name: web, version: 0.2.0, description: A web chart, urls: [web-0.2.0.tgz]}
  - {name: web, version: 0.3.0-beta.1, description: A web chart, urls: [web-0.3.0-beta.1.tgz]}
  db:
  - {name: db, version: 1.2.3, description: A database for the web, urls: [db-1.2.3.tgz]}
`)

describe('the index of a repository', () => {
  it('gives the newest version that is no development version', () => {
    expect(chartVersion(index, 'web', '').version).toBe('0.2.0')
    expect(chartVersion(index, 'web', '<0.2').version).toBe('0.1.0')
    expect(chartVersion(index, 'web', '>0.0.0-0').version).toBe('0.3.0-beta.1')
  })

  it('tells which chart or version it does not have', () => {
    expect(() => chartVersion(index, 'nope', '')).toThrow('no chart name found')
    expect(() => chartVersion(index, 'web', '7.0.0')).toThrow('no chart version found for web-7.0.0')
  })

  it('is refused where it is none', () => {
    expect(() => parseIndex('')).toThrow('empty index.yaml file')
    expect(() => parseIndex('entries: {}')).toThrow('no API version specified')
  })

  it('names archives below the address of the repository', () => {
    expect(below('http://10.96.0.5/charts', 'web-0.1.0.tgz')).toBe('http://10.96.0.5/charts/web-0.1.0.tgz')
    expect(below('http://10.96.0.5', 'https://cdn/x.tgz')).toBe('https://cdn/x.tgz')
  })

  it('is searched by name before description', () => {
    const hits = [...index.entries].flatMap(([name, [newest]]) => (newest ? [{ name: `local/${name}`, chart: newest }] : []))
    expect(search(hits, 'web', false).map(({ name }) => name)).toEqual(['local/web', 'local/db'])
    expect(search(hits, 'DATA', false).map(({ name }) => name)).toEqual(['local/db'])
    expect(search(hits, '^local/w', true).map(({ name }) => name)).toEqual(['local/web'])
    expect(() => search(hits, '[', true)).toThrow('error parsing regexp: missing closing ]: `[`')
  })
})
