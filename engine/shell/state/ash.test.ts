import { describe, expect, it } from 'vitest'
import { inAsh } from './ash'

describe("busybox's shell", () => {
  it.each([
    ['sh: 1: nosuch: not found', 'sh: nosuch: not found'],
    ['sh: 1: cannot create /cfg/color: Read-only file system', "sh: can't create /cfg/color: Read-only file system"],
    ['sh: 1: cannot create no/x: Directory nonexistent', "sh: can't create no/x: nonexistent directory"],
    ['sh: 1: cannot open nofile: No such file', "sh: can't open nofile: no such file"],
    ['sh: 1: Syntax error: "fi" unexpected', 'sh: syntax error: unexpected "fi"'],
    ['sh: 1: Syntax error: end of file unexpected (expecting "then")', 'sh: syntax error: unexpected end of file (expecting "then")'],
    ['sh: 1: cd: can\'t cd to nodir: No such file or directory', "sh: cd: line 0: can't cd to nodir: No such file or directory"],
    ['sh: 1: arithmetic expression: division by zero: "1/0"', 'sh: divide by zero'],
    ['sh: 1: [: Illegal number: a', 'sh: a: bad number'],
  ])('says %s as %s', (dash, ash) => {
    expect(inAsh(dash, false)).toBe(ash)
  })

  it('leaves what a program wrote as it is', () => {
    expect(inAsh('Terminated', false)).toBe('Terminated')
  })
})
