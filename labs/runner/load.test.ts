import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { LabFileError, loadLab } from '#labs/runner/load'

const good = readFileSync('labs/catalog/cka/troubleshooting/cka-silent-kubelet/lab.yaml', 'utf8')
const problems = (text: string): string => {
  try {
    loadLab(text, 'lab.yaml')
    return 'no problem'
  } catch (error) {
    if (!(error instanceof LabFileError)) throw error
    return error.message
  }
}

describe('a lab file with a mistake', () => {
  it('names file, line, column and the nearest right key', () => {
    expect(problems(good.replace('\nsetup:', '\nsetpu:'))).toMatch(/^lab\.yaml:\d+:1: unknown key "setpu" in the lab: did you mean "setup"\?$/m)
  })

  it('names the nearest right value', () => {
    expect(problems(good.replace('exam: CKA', 'exam: CKAA'))).toBe('lab.yaml:3:7: exam is "CKAA", but must be one of CKA, CKAD, CKS: did you mean "CKA"?')
  })

  it('names all keys that are missing in one line', () => {
    expect(problems('id: x\ntitle: y\nexam: CKA\n')).toMatch(/^lab\.yaml:1:1: the lab lacks "domain", "curriculum", .*"nearMisses"$/)
  })

  it('says where the YAML breaks', () => {
    expect(problems('id: x\n  title: [y\n')).toMatch(/^lab\.yaml:\d+:\d+: /)
  })

  it('says that a near miss names a check that is not there', () => {
    expect(problems(good.replace('fails: [enabled]', 'fails: [enabledd]'))).toContain('there is no check "enabledd": did you mean "enabled"?')
  })

  it('says of a broken YAML only where it breaks first, and the way out', () => {
    const found = problems(good.replace('title: A worker has gone silent', 'title: [a] worker'))
    expect(found.split('\n')).toHaveLength(1)
    expect(found).toMatch(/^lab\.yaml:2:\d+: the YAML breaks here .*quote a value/)
  })

  it('names a machine that the profile has not', () => {
    expect(problems(good.replace('host: node01', 'host: node02'))).toMatch(/^lab\.yaml:\d+:7: the profile "two" has no machine "node02"; it has base, controlplane, node01/)
    expect(problems(good.replace('on: controlplane', 'on: controlplan'))).toContain('did you mean "controlplane"?')
  })

  it('tries paths and patterns before anybody starts it', () => {
    expect(problems(good.replace('.status.conditions[?(@.type=="Ready")].status', '.status.conditions[?(@.type=="Ready")'))).toMatch(/^lab\.yaml:\d+:\d+: this is no JSONPath: /)
    expect(problems(good.replace('contains: CN = kubernetes', 'matches: "CN = (kubernetes"'))).toMatch(/^lab\.yaml:\d+:\d+: this is no pattern: /)
  })

  it('says which template breaks, and which variable is not there', () => {
    expect(problems(good.replace('title: A worker has gone silent', 'title: "{{cax}} has gone silent"'))).toMatch(/^lab\.yaml:2:8: title: there is no variable "cax": did you mean "ca"\?$/m)
    expect(problems(good.replace('title: A worker has gone silent', "title: 'A {{ worker'"))).toMatch(/^lab\.yaml:2:8: title: the template breaks on line 1 of this text/m)
  })

  it('refuses a YAML bomb within its limits', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'.split('').map((name, i) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefghij'[i] ?? 'a'}`).join(',')}]`).join('\n')}\n`
    expect(problems(bomb)).toContain('aliases')
  })

  it('says of an empty file, and of one that only goes deeper, what is wrong', () => {
    expect(problems('')).toBe('lab.yaml:1:1: the file is empty: `seatrial lab new ID` writes a lab to start from')
    expect(problems(`id: ${'['.repeat(20_000)}`)).toMatch(/^lab\.yaml:1:\d+: the YAML is nested too deeply for a lab$/)
    expect(problems(`id: ${'['.repeat(20_000)}${']'.repeat(20_000)}`)).toMatch(/^lab\.yaml:1:\d+: the YAML is nested too deeply for a lab$/)
  })

  it('refuses a file of 5 MB', () => {
    expect(problems(`id: ${'x'.repeat(5_000_000)}`)).toContain('a lab has at most')
  })
})
