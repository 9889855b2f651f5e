import { describe, expect, it } from 'vitest'
import { NanoText } from '#engine/programs/editors/nano/text'

function text(...lines: string[]): NanoText {
  const out = new NanoText()
  out.lines = lines
  return out
}

describe("nano's text", () => {
  it('cuts lines one after the other and pastes them together', () => {
    const nano = text('a', 'b', 'c', '')
    nano.press('\x0b')
    nano.press('\x0b')
    nano.move('down', 10)
    nano.press('\x15')
    expect(nano.lines).toEqual(['c', 'a', 'b', ''])
  })

  it('leaves an empty line where the last one was cut', () => {
    const nano = text('hello', 'world')
    nano.move('down', 10)
    nano.press('\x0b')
    nano.press('\x15')
    nano.press('\x15')
    expect(nano.lines).toEqual(['hello', 'world', 'world', ''])
    expect(nano.count).toBe(3)
  })

  it('joins lines at their beginning with backspace', () => {
    const nano = text('a', 'b')
    nano.move('down', 10)
    nano.press('\x7f')
    expect(nano.lines).toEqual(['ab'])
    expect(nano.column).toBe(1)
  })
})
