import { describe, expect, it } from 'vitest'
import { vimRegExp } from '#engine/programs/editors/vim/pattern'

function first(pattern: string, text: string, options = { ignorecase: false, smartcase: false }): string | undefined {
  return vimRegExp(pattern, options).exec(text)?.[0]
}

describe("vim's patterns", () => {
  it('take signs as they are until a backslash says otherwise', () => {
    expect(first('a+', 'aa+')).toBe('a+')
    expect(first('a\\+', 'aa+')).toBe('aa')
    expect(first('(x)', 'f(x)')).toBe('(x)')
    expect(first('\\(x\\)\\1', 'xx')).toBe('xx')
  })

  it('take them the other way round behind \\v', () => {
    expect(first('\\va+', 'aa+')).toBe('aa')
    expect(first('\\v\\(x\\)', 'f(x)')).toBe('(x)')
  })

  it('match only between \\zs and \\ze', () => {
    expect(first('na\\zsme', 'name')).toBe('me')
    expect(first('na\\zeme', 'name')).toBe('na')
    expect(first('image: \\zs.*', '    image: nginx:1.27')).toBe('nginx:1.27')
  })

  it('look ahead and behind', () => {
    expect(first('p\\@<=o', 'xo po')).toBe('o')
    expect(vimRegExp('p\\@<=o', { ignorecase: false, smartcase: false }).exec('xo po')?.index).toBe(4)
    expect(first('p\\(o\\)\\@=', 'px po')).toBe('p')
  })

  it('know few, as few as possible, and any', () => {
    expect(first('a\\{2}', 'aaa')).toBe('aa')
    expect(first('a\\{-1,}', 'aaa')).toBe('a')
    expect(first('.\\{-}e', 'abe de')).toBe('abe')
  })

  it('mind the case as options say, or as the pattern itself', () => {
    expect(first('web', 'WEB', { ignorecase: true, smartcase: true })).toBe('WEB')
    expect(first('Web', 'WEB', { ignorecase: true, smartcase: true })).toBeUndefined()
    expect(first('web\\c', 'WEB')).toBe('WEB')
  })
})
