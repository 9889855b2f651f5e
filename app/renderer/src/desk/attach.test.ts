import { describe, expect, it } from 'vitest'
import { pieces } from './attach'

describe('a long paste', () => {
  it('goes in pieces that make the whole again', () => {
    const text = 'kubectl apply -f -\n'.repeat(5000)
    const cut = pieces(text, 1000)
    expect([cut.join('') === text, Math.max(...cut.map((piece) => piece.length))]).toEqual([true, 1000])
  })

  it('is never cut within a character that takes two units', () => {
    const text = `a${'\u{1f6a2}'.repeat(100)}`
    const cut = pieces(text, 10)
    expect(cut.join('')).toBe(text)
    for (const piece of cut) expect(piece).toBe(new TextDecoder().decode(new TextEncoder().encode(piece)))
  })

  it('that is short is one piece, and none where there is nothing', () => {
    expect([pieces('ls\r'), pieces('')]).toEqual([['ls\r'], []])
  })
})
