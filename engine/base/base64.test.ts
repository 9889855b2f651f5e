import { describe, expect, it } from 'vitest'
import { illegalBase64At } from './base64'

describe('text that should be base64', () => {
  // The numbers of encoding/base64's CorruptInputError.
  it.each([
    ['', undefined], ['YWJj', undefined], ['YW\nJj\n', undefined], ['YQ==', undefined], ['YWI=', undefined], ["it's", 2], ['hello!', 5], ['hello', 4], ['YQ=', 3], ['YQ=x', 2], ['Y===', 1], ['YQ==YQ==', 4], ['=', 0], ['YW Jj', 2], ['123', 0],
  ])('%j is wrong at %s', (text, at) => {
    expect(illegalBase64At(text)).toBe(at)
  })
})
