import { describe, expect, it } from 'vitest'
import { parseRule } from './parse'
import { sameRule } from './rule'

const words = (text: string): string[] => text.split(' ')

describe('rules read from the same words', () => {
  it('say the same, and count for themselves', () => {
    const [one, other] = [parseRule(words('-p tcp -m tcp --dport 80 -j ACCEPT')), parseRule(words('-p tcp -m tcp --dport 80 -j ACCEPT'))]
    one.packets = 7
    expect(other.packets).toBe(0)
    expect(sameRule(one, other)).toBe(true)
  })

  it('keep turns of their own', () => {
    const [one, other] = [0, 1].map(() => parseRule(words('-m statistic --mode nth --every 2 --packet 0 -j DROP')).matches[0] as unknown as { seen: number })
    if (one) one.seen = 5
    expect(other?.seen).toBe(0)
  })

  it('differ where a word does', () => {
    expect(sameRule(parseRule(words('-s 10.0.0.0/8 -j DROP')), parseRule(words('-s 10.0.0.0/9 -j DROP')))).toBe(false)
  })
})
