import { describe, expect, it } from 'vitest'
import { goJson, textTable } from './output'

describe('a table of helm', () => {
  it('pads every column, also the last one, and parts them by tabs', () => {
    expect(textTable([['NAME', 'APP VERSION'], ['h-app', '2.3']])).toBe('NAME \tAPP VERSION\nh-app\t2.3        \n')
  })

  it('cuts a text of several lines to its widest line', () => {
    const description = 'Upgrade "h-hk" failed: pre-upgrade hooks failed: 1 error occurred:\n\t* pod h-hk-pre2 failed\n\n'
    expect(textTable([['DESCRIPTION'], [description]]).split('\n')[1]).toBe('Upgrade "h-hk" failed: pre-upgrade hooks failed: 1 error occurr...')
  })

  it('counts no room for tabs and ends of lines', () => {
    const description = 'failed: 1 error:\n\t* job a-very-long-name failed: BackoffLimitExceeded\n\n'
    expect(textTable([['D'], [description]])).toBe(`D${' '.repeat(50)}\nfailed: 1 error:\n\t* job a-very-long-name failed: B...\n`)
  })

  it('cuts what is wider than a given limit', () => {
    expect(textTable([['D'], ['a long description']], { maxWidth: 10 })).toBe('D         \na long ...\n')
  })

  it('escapes in JSON what could end a script', () => {
    expect(goJson({ a: '<b> & c' })).toBe('{"a":"\\u003cb\\u003e \\u0026 c"}')
  })
})
