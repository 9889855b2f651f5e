import { describe, expect, it } from 'vitest'
import type { Chart } from '#engine/programs/helm/chart/types'
import { coalesceValues } from './coalesce'
import type { Values } from './types'

const chart = (name: string, values: Values, ...dependencies: Chart[]): Chart => {
  const made: Chart = { metadata: { name }, templates: [], files: [], raw: [], values, dependencies }
  for (const dependency of dependencies) dependency.parent = made
  return made
}

describe('values of a chart', () => {
  it('come under those of the user, and null takes one away', () => {
    expect(coalesceValues(chart('app', { a: 1, b: { c: 2, d: 3 }, e: 4 }), { b: { c: null, x: 5 }, e: null })).toEqual({ a: 1, b: { d: 3, x: 5 } })
  })

  it('reach the charts below, with what is global', () => {
    const values = coalesceValues(chart('app', { global: { env: 'prod' }, db: { port: 1 } }, chart('db', { port: 5432, host: 'local' })), {})
    expect(values).toEqual({ global: { env: 'prod' }, db: { port: 1, host: 'local', global: { env: 'prod' } } })
  })

  it('warn where a table meets none', () => {
    const told: string[] = []
    coalesceValues(chart('app', { a: { b: { c: 1 } } }), { a: { b: 'x' } }, (line) => told.push(line))
    expect(told).toEqual(['coalesce.go:286: warning: cannot overwrite table with non table for app.a.b (map[c:1])'])
  })
})
