import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { allPrograms } from '#engine/cluster/programs'

const folders = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.') ? [join(path, entry.name), ...folders(join(path, entry.name))] : []))

describe('the rooms', () => {
  it('have no folder called utils, helpers, misc or common code without a name', () => {
    const bad = ['engine', 'app', 'labs', 'test'].flatMap(folders).filter((path) => /\/(utils?|helpers?|misc)$/.test(path))
    expect(bad, 'name the folder after what it holds').toEqual([])
  })

  it('open with a README in every layer of the engine', () => {
    const missing = readdirSync('engine', { withFileTypes: true }).filter((entry) => entry.isDirectory() && !existsSync(join('engine', entry.name, 'README.md'))).map((entry) => entry.name)
    expect(missing, 'write a few lines: what it is, what it does not know').toEqual([])
  })

  it('print what is not supported in SUPPORT.md, as the registrations say', () => {
    const rows = [...allPrograms.values()].flatMap((program) => (program.unsupported ? [`| ${program.name} | ${program.unsupported} |`] : [])).sort()
    const text = `# What is not supported\n\nGenerated from the registrations of the programs; everything here says so in one line and fails when it is asked for. ${allPrograms.size} programs in all.\n\n| program | not supported |\n| --- | --- |\n${rows.join('\n')}\n`
    if (process.env['UPDATE']) writeFileSync('SUPPORT.md', text)
    expect(existsSync('SUPPORT.md') ? readFileSync('SUPPORT.md', 'utf8') : '', 'run with UPDATE=1').toBe(text)
  })
})
