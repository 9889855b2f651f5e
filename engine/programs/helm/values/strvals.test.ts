import { describe, expect, it } from 'vitest'
import { setJson, setLiteral, setValues } from './strvals'
import type { Values } from './types'

const set = (text: string, into: Values = {}): unknown => {
  try {
    setValues(into, text)
    return into
  } catch (error) {
    return (error as Error).message
  }
}

describe('--set', () => {
  it.each([
    ['a=1,b=true,c=null,d=0,e=007,f=1.5', { a: 1, b: true, c: null, d: 0, e: '007', f: '1.5' }],
    ['a.b.c=x,a.b.d=y', { a: { b: { c: 'x', d: 'y' } } }],
    ['a={1,b,c\\,d}', { a: [1, 'b', 'c,d'] }],
    ['a[1]=z', { a: [null, 'z'] }],
    ['a[0].n=x,a[0].m=y,a[1][0]=q', { a: [{ n: 'x', m: 'y' }, ['q']] }],
    ['a\\.b=dot,c=', { 'a.b': 'dot', c: '' }],
    ['a=[]', { a: [] }],
    ['url=http://x/?a=b', { url: 'http://x/?a=b' }],
  ])('%s is laid down', (text, values) => {
    expect(set(text)).toEqual(values)
  })

  it.each([
    ['a', 'key "a" has no value'],
    ['a=b,c', 'key "c" has no value'],
    ['a,b=1', 'key "a" has no value (cannot end with ,)'],
    ['a.=1', 'key map "a" has no value'],
    ['a={1,2', "list must terminate with '}'"],
    ['a[x]=1', 'error parsing index: strconv.Atoi: parsing "x": invalid syntax'],
    ['a[-1]=1', 'negative -1 index not allowed'],
    ['a[99999]=1', 'index of 99999 is greater than maximum supported index of 65536'],
  ])('%s is refused', (text, message) => {
    expect(set(text)).toBe(message)
  })

  it('keeps what stands beside it', () => {
    expect(set('a[1]=x', { a: ['o', 'p'], b: 1 })).toEqual({ a: ['o', 'x'], b: 1 })
  })
})

describe('--set-json and --set-literal', () => {
  it('take JSON up to the comma outside of it, and text to the end', () => {
    const values: Values = {}
    setJson(values, 'a={"x":[1,2]},b="c,d"')
    setLiteral(values, 'c.d={1,2}\\,x')
    expect(values).toEqual({ a: { x: [1, 2] }, b: 'c,d', c: { d: '{1,2}\\,x' } })
  })
})
