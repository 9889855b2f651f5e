import { describe, expect, it } from 'vitest'
import { remembered } from './remembered'

describe('what is remembered of pure functions', () => {
  it('is the same object for the same text, and another for a text that changed', () => {
    let calls = 0
    const parse = remembered(10, (text) => ({ text, call: ++calls }))
    expect(parse('a')).toBe(parse('a'))
    expect(parse('b')).toEqual({ text: 'b', call: 2 })
  })

  it('never grows past its limit', () => {
    let calls = 0
    const parse = remembered(2, () => ++calls)
    for (const text of ['a', 'b', 'c', 'a']) parse(text)
    expect(calls).toBe(4)
  })

  it('does not remember failures', () => {
    let calls = 0
    const parse = remembered(2, (): number => {
      if (++calls === 1) throw new Error('not yet')
      return calls
    })
    expect(() => parse('a')).toThrow('not yet')
    expect(parse('a')).toBe(2)
  })
})
