import { describe, expect, it } from 'vitest'
import { sortManifests } from './sort'

const object = (kind: string, name: string, annotations = ''): string => `apiVersion: v1\nkind: ${kind}\nmetadata:\n  name: ${name}\n${annotations}`
const hook = (event: string): string => `  annotations:\n    helm.sh/hook: ${event}\n    helm.sh/hook-weight: "3"\n`

describe('what templates made', () => {
  it('is put in the order of installation, hooks apart', () => {
    const told: string[] = []
    const { hooks, manifests } = sortManifests(new Map([
      ['app/a.yaml', `${object('Deployment', 'd')}---\n${object('Zebra', 'z')}---\n${object('Service', 's')}`], ['app/b.yaml', object('Pod', 'p', hook('pre-install, post-upgrade'))], ['app/c.yaml', object('Pod', 'q', hook('before'))],
      ['app/_x.yaml', 'nothing'], ['app/d.yaml', '\n'], ['app/e.yaml', object('Secret', 'k')],
    ]), (line) => told.push(line))
    expect(manifests.map(({ kind }) => kind)).toEqual(['Secret', 'Service', 'Deployment', 'Zebra'])
    expect(hooks).toMatchObject([{ name: 'p', events: ['pre-install', 'post-upgrade'], weight: 3, deletePolicies: [] }])
    expect(told).toEqual(['manifest_sorter.go:199: info: skipping unknown hook: "before"'])
  })

  it('has to be YAML', () => {
    expect(() => sortManifests(new Map([['app/a.yaml', 'kind: A\nb: c: d\n']]), () => undefined)).toThrow('YAML parse error on app/a.yaml: error converting YAML to JSON: yaml: line 2: mapping values are not allowed in this context')
  })
})
