/**
 * An executable on disk is a small stub: it names its program and holds data of its build. It begins as an ELF file does, so
 * that `file`, `head -c4` and a wrong interpreter behave; what follows is one line of JSON. Zeros may follow, to the size of
 * the real file (`truncate` makes them cost nothing).
 */
import { decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { remembered } from '#engine/base/remembered'

const magic = [0x7f, 0x45, 0x4c, 0x46, 0x02, 0x01, 0x01, 0x00]

export interface ExecutableStub {
  readonly program: string
  readonly attributes: Readonly<Record<string, string>>
}

export function encodeExecutable(program: string, attributes: Readonly<Record<string, string>> = {}): Uint8Array {
  const body = encodeUtf8(`${JSON.stringify({ program, attributes })}\n`)
  const out = new Uint8Array(magic.length + body.length)
  out.set(magic)
  out.set(body, magic.length)
  return out
}

/** Undefined for a file that is no stub: a script, text, anything else. */
export function decodeExecutable(bytes: Uint8Array): ExecutableStub | undefined {
  if (bytes.length <= magic.length || magic.some((byte, index) => bytes[index] !== byte)) return undefined
  try {
    const end = bytes.indexOf(10, magic.length)
    return stubOf(decodeUtf8(bytes.subarray(magic.length, end < 0 ? bytes.length : end))) ?? undefined
  } catch {
    return undefined
  }
}

/** Programs are started again and again. Null: it names none. */
const stubOf = remembered(2000, (line): ExecutableStub | null => {
  const parsed = JSON.parse(line) as ExecutableStub
  return typeof parsed.program === 'string' ? { program: parsed.program, attributes: parsed.attributes ?? {} } : null
})
