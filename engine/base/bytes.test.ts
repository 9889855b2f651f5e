import { describe, expect, it } from 'vitest'
import { encodeUtf8 } from './bytes'

describe('the bytes of a text', () => {
  it.each(['', 'plain', 'x'.repeat(500), 'Grüße', '日本語', '😀 and more', 'half \ud83d of one', `${'a'.repeat(200)}é`])('are those of UTF-8, however short it is: %s', (text) => {
    expect([...encodeUtf8(text)]).toEqual([...new TextEncoder().encode(text)])
  })
})
