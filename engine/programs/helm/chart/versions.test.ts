import { describe, expect, it } from 'vitest'
import { parseConstraint } from './constraints'
import { parseVersion, type Version } from './versions'

describe('a constraint', () => {
  it.each([
    ['>=1.30-0', 'v1.35.4', true], ['^1.2.0', '1.9.1', true], ['^0.2.3', '0.3.0', false], ['~1.2.0', '1.3.0', false], ['~1', '1.9.0', true], ['1.x.x', '1.2.3', true], ['1.2', '1.2.9', true], ['*', '3.1.4', true],
    ['>1.2', '1.2.9', false], ['<=1.2', '1.2.9', true], ['>=1.0.0 <2.0.0', '1.5.0', true], ['>=1.0.0, <2.0.0', '2.0.0', false], ['<1 || >2', '3.0.0', true], ['1.0 - 2.0', '1.5.0', true], ['!=1.2.3', '1.2.3', false],
    ['>=1.0.0', '1.5.0-rc1', false], ['>=1.0.0-0', '1.5.0-rc1', true], ['=1.2.3', '1.2.3+build', true], ['>0.0.0-0', '0.0.0', true],
  ])('%s and %s: %s', (constraint, version, fits) => {
    expect(parseConstraint(constraint).check(parseVersion(version) as Version)).toBe(fits)
  })

  it('refuses what is none', () => {
    expect(() => parseConstraint('abc')).toThrow('improper constraint: abc')
    expect(parseVersion('one')).toBeUndefined()
  })
})
