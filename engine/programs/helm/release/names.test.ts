import { describe, expect, it } from 'vitest'
import { nameProblem } from './names'

describe('the name of a release', () => {
  it('is lower case, starts and ends with a letter or digit, and has at most 53 characters', () => {
    expect(nameProblem('h-app.v1')).toBeUndefined()
    for (const name of ['H-App', 'a_b', '-a', 'a-', 'a'.repeat(54)]) expect(nameProblem(name)).toBe('invalid release name, must match regex ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ and the length must not be longer than 53')
  })
})
