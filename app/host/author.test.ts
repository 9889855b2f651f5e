import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { newLab, schemaText } from './author'
import { findLab, loadAllLabs } from './catalog'
import { prove } from './verify'

describe('a lab of one\'s own', () => {
  let home: string
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'seatrial-author-'))
  })
  afterEach(() => rmSync(home, { recursive: true, force: true }))

  it('starts from one that is fair and stands in the list', async () => {
    newLab(home, 'my-first')
    expect(loadAllLabs(home).labs.map((lab) => lab.id)).toContain('my-first')
    expect((await prove({ home, lab: 'my-first', seed: 'seed-1' })).complaints).toEqual([])
  })

  it('is completed by editors from a schema that knows it', () => {
    const file = newLab(home, 'my-first')
    expect(readFileSync(file, 'utf8')).toMatch(/^# yaml-language-server: \$schema=\.\.\/lab\.schema\.json\n/)
    const ajv = new Ajv({ strict: false })
    ;(addFormats as unknown as (ajv: Ajv) => void)(ajv)
    expect(ajv.validate(JSON.parse(schemaText()) as object, parse(readFileSync(file, 'utf8')))).toBe(true)
  })

  it('of the catalogue is completed by the same schema, which lies beside it', () => {
    if (process.env['UPDATE']) writeFileSync('labs/lab.schema.json', schemaText())
    expect(readFileSync('labs/lab.schema.json', 'utf8')).toBe(schemaText())
    expect(readFileSync('.vscode/settings.json', 'utf8')).toContain('"./labs/lab.schema.json": "labs/catalog/**/lab.yaml"')
  })

  it('that is broken is told by its mistakes when it is asked for by its id', () => {
    const file = newLab(home, 'my-first')
    writeFileSync(file, readFileSync(file, 'utf8').replace('level: easy', 'level: eazy'))
    expect(() => findLab(home, 'my-first')).toThrow(/^\S+lab\.yaml:8:8: level is "eazy", but must be one of easy, medium, hard: did you mean "easy"\?$/)
    expect(() => findLab(home, 'cka-silent-kublet')).toThrow('did you mean "cka-silent-kubelet"?')
  })

  it('does not hide the others when it is broken: its mistakes are told with file, line and column', () => {
    mkdirSync(join(home, 'labs', 'broken'), { recursive: true })
    writeFileSync(join(home, 'labs', 'broken', 'lab.yaml'), 'id: broken\ntitel: x\n')
    const { labs, problems } = loadAllLabs(home)
    expect(labs.length).toBeGreaterThanOrEqual(6)
    expect(problems.join('\n')).toMatch(/broken\/lab\.yaml:2:1: unknown key "titel" in the lab: did you mean "title"\?/)
  })

  it('never takes the place of another', () => {
    newLab(home, 'cka-silent-kubelet')
    expect(loadAllLabs(home).problems.join()).toContain('the id "cka-silent-kubelet" is taken by another lab')
    expect(() => newLab(home, 'cka-silent-kubelet')).toThrow('is there already')
  })
})
