import { describe, expect, it } from 'vitest'
import { parseArguments } from './arguments'

describe('the arguments of the command line', () => {
  it('takes flags in both forms, switches and operands in any order', () => {
    const parsed = parseArguments(['up', '--profile', 'two', '--port=8443', '--fresh'], ['profile', 'port'], ['fresh'])
    expect([parsed.operands, parsed.value('profile'), parsed.number('port', 0, 0, 65535), parsed.has('fresh')]).toEqual([['up'], 'two', 8443, true])
  })

  it('names the flags there are when one is unknown', () => {
    expect(() => parseArguments(['--profil', 'two'], ['profile'], ['fresh'])).toThrow('unknown flag --profil; known are --profile, --fresh')
  })

  it('refuses what nobody asked for: one argument too many, a short flag, a value for a switch', () => {
    expect(() => parseArguments(['up', 'down'], [], [], 1)).toThrow('"down" is one argument too many')
    expect(() => parseArguments(['-p'], ['port'])).toThrow('unknown flag -p; known are --port')
    expect(() => parseArguments(['--fresh=no'], [], ['fresh'])).toThrow('--fresh takes no value')
  })

  it('refuses a number that is none, or out of bounds', () => {
    expect(() => parseArguments(['--port', 'abc'], ['port']).number('port', 0, 0, 65535)).toThrow('--port is "abc", but must be a whole number from 0 to 65535')
    expect(() => parseArguments(['--port', '70000'], ['port']).number('port', 0, 0, 65535)).toThrow('must be a whole number from 0 to 65535')
    expect(() => parseArguments(['--port', '80.5'], ['port']).number('port', 0, 0, 65535)).toThrow('whole number')
    expect(parseArguments(['--speed', '0.5'], ['speed']).number('speed', 1, 0.01, 100)).toBe(0.5)
  })
})
