import { describe, expect, it } from 'vitest'
import { parsePing } from '#engine/programs/network/sockets/echo'
import { parseNc } from '#engine/programs/network/sockets/nc-options'

describe("nc's command line", () => {
  it('takes clusters of letters, with a value at the end or in the next word', () => {
    const options = parseNc(['-zvw2', '-p', '80', 'host', '22'], 'wp')
    expect(options).toEqual({ flags: new Set(['z', 'v']), values: new Map([['w', '2'], ['p', '80']]), operands: ['host', '22'] })
  })

  it('names the letter it does not know', () => {
    expect(parseNc(['-zQ'], 'wp')).toBe("nc: invalid option -- 'Q'")
    expect(parseNc(['-w'], 'wp')).toBe("nc: option requires an argument -- 'w'")
  })
})

describe("ping's command line", () => {
  it('counts without end unless told, waits a second between requests and ten for an answer', () => {
    expect(parsePing(['host'])).toMatchObject({ host: 'host', count: Infinity, intervalMs: 1000, waitMs: 10_000, size: 56, quiet: false })
    expect(parsePing(['-c3', '-W', '1', '-i0.2', '-q', 'host'])).toMatchObject({ count: 3, intervalMs: 200, waitMs: 1000, quiet: true })
  })

  it('wants a destination and a count that is one', () => {
    expect(parsePing([])).toBe('ping: usage error: Destination address required')
    expect(parsePing(['-c', '0', 'host'])).toBe("ping: invalid argument: '0'")
  })
})
