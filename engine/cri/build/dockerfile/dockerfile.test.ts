import { describe, expect, it } from 'vitest'
import { complaintOf } from './check'
import { instructionOf } from './instruction'
import { readLines } from './lines'
import { parseDockerfile, stagesFor } from './stages'
import { expand } from './words'

const step = (text: string) => instructionOf({ text, line: 1 }, '\\')
const variables = (name: string): string | undefined => ({ A: 'one', EMPTY: '' })[name]

describe('a Dockerfile', () => {
  it('has its continued lines joined, its comments dropped, and its lines counted from where they begin', () => {
    expect(readLines('# c\nFROM a\n\nRUN x && \\\n  # inside\n  y\nCMD z').lines).toEqual([
      { text: 'FROM a', line: 2 }, { text: 'RUN x &&   y', line: 4 }, { text: 'CMD z', line: 7 },
    ])
  })

  it('continues lines by another sign where a directive says so', () => {
    expect(readLines('# escape=`\nFROM a\nRUN x `\ny').lines[1]?.text).toBe('RUN x y')
  })

  it('is stages, the first of which may be preceded by arguments only', () => {
    const file = parseDockerfile('ARG V=1\nFROM a AS one\nRUN x\nFROM b\nRUN y')
    expect(file.stages.map((stage) => [stage.name, stage.steps.length])).toEqual([['one', 1], [undefined, 1]])
    expect(stagesFor(file, 'ONE')?.length).toBe(1)
    expect(stagesFor(file, 'two')).toBeUndefined()
    expect(() => parseDockerfile('RUN x\nFROM a')).toThrow('no build stage in current context')
    expect(() => parseDockerfile('# nothing')).toThrow('file with no instructions')
  })

  it('is refused with the words of the real parser', () => {
    expect(complaintOf(step('RUNN x'))).toBe('unknown instruction: RUNN')
    expect(complaintOf(step('FROM a b'))).toBe('FROM requires either one or three arguments')
    expect(complaintOf(step('COPY a'))).toBe('COPY requires at least two arguments, but only one was provided. Destination could not be determined.')
    expect(complaintOf(step('SHELL sh'))).toBe('SHELL requires the arguments to be in JSON form')
    expect(complaintOf(step('HEALTHCHECK FOO x'))).toBe('Unknown type "FOO" in HEALTHCHECK (try CMD)')
    expect(() => step('ENV A')).toThrow('ENV must have two arguments')
    expect(() => step('ENV A=1 B')).toThrow('Syntax error - can\'t find = in "B". Must be of the form: name=value')
    expect(() => step('COPY --foo=1 a b')).toThrow('Unknown flag: foo')
  })

  it('has variables with defaults, alternatives and quotes', () => {
    const cases: readonly (readonly [string, string])[] = [['$A-x', 'one-x'], ['${A}x', 'onex'], ['${B:-two}', 'two'], ['${EMPTY:-two}', 'two'], ['${EMPTY-two}', ''], ['${A:+yes}', 'yes'], ['\\$A', '$A'], ["'$A'", '$A'], ['"$A b"', 'one b'], ['${B:-${A}}', 'one']]
    for (const [text, wanted] of cases) expect(expand(text, variables, '\\')).toBe(wanted)
    expect(() => expand('${A', variables, '\\')).toThrow("syntax error: missing '}' in substitution")
  })

  it('tells JSON from a shell line', () => {
    expect(step('CMD ["a", "b c"]')).toMatchObject({ json: true, args: ['a', 'b c'] })
    expect(step("CMD ['a']")).toMatchObject({ json: false, rest: "['a']" })
  })
})
