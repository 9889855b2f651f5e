import { describe, expect, it } from 'vitest'
import { AwkArray } from '#engine/programs/text/awk/array'

function filled(keys: readonly (string | number)[]): AwkArray {
  const array = new AwkArray()
  for (const key of keys) array.set(key, 1)
  return array
}

describe('an awk array', () => {
  it('is gone through in the order of mawk 1.3.4', () => {
    expect(filled(['a', 'b', 'c']).keys()).toEqual(['c', 'b', 'a'])
    expect(filled(['Running', 'Completed', 'CrashLoopBackOff', 'STATUS']).keys()).toEqual(['CrashLoopBackOff', 'Running', 'STATUS', 'Completed'])
    expect(filled([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]).keys()).toEqual(['3', '10', '8', '6', '5', '2', '11', '1', '4', '12', '9', '7'])
  })

  it('holds a number and its text as one key', () => {
    const array = filled([1])
    expect(array.has('1')).toBe(true)
    array.set('1', 2)
    expect(array.get(1)).toBe(2)
    expect(array.size).toBe(1)
  })

  it('makes what is read, but not what is asked for', () => {
    const array = new AwkArray()
    expect(array.has('x')).toBe(false)
    array.get('x')
    expect(array.has('x')).toBe(true)
    array.delete('x')
    expect(array.size).toBe(0)
  })
})
