import { describe, expect, it } from 'vitest'
import { compileCel } from './expression'

describe('an expression', () => {
  it('of loops within loops is cancelled when it has cost too much', () => {
    const list = '[1,2,3,4,5,6,7,8,9,10]'
    const bomb = [...'abcdefgh'].reduceRight((inner, name) => `${list}.all(${name}, ${inner})`, 'a + b + c + d + e + f + g + h > 0')
    expect(() => compileCel(bomb, []).run({})).toThrow('operation cancelled: actual cost limit exceeded')
    const swallowed = [...'abcdefgh'].reduceRight((inner, name) => `${list}.exists(${name}, ${inner})`, 'a + b + c + d + e + f + g + h < 0')
    expect(() => compileCel(`${swallowed} || true`, []).run({})).toThrow('operation cancelled: actual cost limit exceeded')
    expect(compileCel('self.list.map(x, x * 2).exists(y, y == 4)', ['self']).run({ self: { list: [1, 2] } })).toBe(true)
  })
})
