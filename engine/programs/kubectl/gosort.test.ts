import { describe, expect, it } from 'vitest'
import { goSorted } from './gosort'

describe("Go's sort", () => {
  it('puts equals where kubectl v1.35.4 put twenty volumes sorted by their size', () => {
    const names = ['pv1', ...Array.from({ length: 10 }, (_, index) => `pv${index + 10}`), 'pv2', 'pv20', ...Array.from({ length: 7 }, (_, index) => `pv${index + 3}`)]
    const size = (name: string): number => (name === 'pv1' ? 5 : 1)
    expect(goSorted(names, (a, b) => size(a) < size(b)).join(' ')).toBe('pv19 pv10 pv11 pv12 pv13 pv14 pv15 pv16 pv18 pv17 pv20 pv2 pv9 pv3 pv4 pv5 pv6 pv7 pv8 pv1')
  })

  it('keeps the order of up to twelve equals', () => {
    const items = Array.from({ length: 12 }, (_, index) => index)
    expect(goSorted(items, () => false)).toEqual(items)
  })

  it('sorts whatever comes, upwards, downwards and at random', () => {
    let seed = 7
    const random = (): number => (seed = (seed * 1103515245 + 12345) % 2147483648)
    for (const length of [13, 50, 51, 200, 1000]) {
      const lists = [Array.from({ length }, (_, index) => index), Array.from({ length }, (_, index) => length - index), Array.from({ length }, random), Array.from({ length }, () => random() % 5)]
      for (const list of lists) expect(goSorted(list, (a, b) => a < b)).toEqual([...list].sort((a, b) => a - b))
    }
  })
})
