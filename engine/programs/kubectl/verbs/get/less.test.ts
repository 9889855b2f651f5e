import { describe, expect, it } from 'vitest'
import { isLess, naturalCompare, UnsortableError } from './less'

describe('the order of --sort-by', () => {
  it('amounts go by what they amount to, other text by its runs of digits', () => {
    expect(isLess('500m', '1')).toBe(true)
    expect(isLess('1Gi', '900Mi')).toBe(false)
    expect(['pod-10', 'pod-9', 'pod-1'].sort(naturalCompare)).toEqual(['pod-1', 'pod-9', 'pod-10'])
  })

  it('nothing comes before something', () => {
    expect(isLess(undefined, 'a')).toBe(true)
    expect(isLess('a', null)).toBe(false)
  })

  it('maps, lists and booleans have no order', () => {
    expect(() => isLess({}, {})).toThrow(new UnsortableError('unsortable type: map[string]interface {}'))
    expect(() => isLess([1], [2])).toThrow(new UnsortableError('unsortable type: []interface {}'))
    expect(() => isLess(true, false)).toThrow(new UnsortableError('unsortable type: bool'))
  })
})
