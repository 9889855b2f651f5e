import { describe, expect, it } from 'vitest'
import { addQuantities, canonicalQuantity, compareQuantities, formatQuantity, parseQuantity, quantityMilliValue, quantityValue } from './quantity'

describe('quantities', () => {
  it('are written in the canonical text of the server', () => {
    const pairs = [['0.5Gi', '512Mi'], ['1500m', '1500m'], ['2048Ki', '2Mi'], ['1e9', '1e9'], ['0.1', '100m'], ['1024', '1024'], ['1000', '1k'], ['0', '0'], ['-1Gi', '-1Gi'], ['1.5', '1500m'], ['100Ki', '100Ki'], ['0.5Ki', '512'], ['1025', '1025']]
    for (const [given, wanted] of pairs) expect(canonicalQuantity(given ?? '')).toBe(wanted)
  })

  it('say what is wrong in the words of apimachinery', () => {
    expect(() => parseQuantity('1GB')).toThrow("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
    expect(() => parseQuantity('1KiKi')).toThrow("unable to parse quantity's suffix")
  })

  it('add, compare and round up', () => {
    expect(formatQuantity(addQuantities(parseQuantity('100m'), parseQuantity('0.9')))).toBe('1')
    expect(compareQuantities(parseQuantity('1Gi'), parseQuantity('1G'))).toBe(1)
    expect([quantityValue(parseQuantity('1500m')), quantityMilliValue(parseQuantity('1.0001'))]).toEqual([2, 1001])
  })
})
