import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { keepCompiled, readScript, runScript } from './script'

const folder = mkdtempSync(join(tmpdir(), 'seatrial-script-'))
const [file, kept] = [join(folder, 'program.cjs'), join(folder, 'program.cache')]
const result = (): unknown => runScript<{ double: (n: number) => number }>(readScript(file, kept), file).double(21)

afterAll(() => rmSync(folder, { recursive: true }))

describe('a script whose compiled form is kept', () => {
  it('runs without it, with it, and with one that is not for it', () => {
    writeFileSync(file, '(function (exports, require) { exports.double = (n) => 2 * n })')
    expect(result()).toBe(42)
    const script = readScript(file, kept)
    runScript(script, file)
    keepCompiled(script, kept)
    expect(statSync(kept).size).toBeGreaterThan(100)
    expect(readScript(file, kept).cachedDataRejected).toBe(false)
    expect(result()).toBe(42)
    writeFileSync(file, '(function (exports, require) { exports.double = (number) => number + number })')
    expect(readScript(file, kept).cachedDataRejected).toBe(true)
    expect(result()).toBe(42)
    writeFileSync(kept, 'nothing of the kind')
    expect(result()).toBe(42)
  })
})
