import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { bashCompletion } from './completion'
import { answer } from './help'
import { usages } from './usage'

describe('help of the command line', () => {
  it('is there for every command, and is no failure', () => {
    for (const name of Object.keys(usages)) expect(answer(name, ['--help'], true)).toEqual({ text: expect.stringMatching(`^usage: seatrial ${name}`) as string, code: 0 })
    expect(answer('help', ['lab'], false)?.text).toContain('seatrial lab verify')
    expect(answer('--help', [], false)?.code).toBe(0)
  })

  it('fails with the overview where no command, or none there is, was given', () => {
    expect(answer('', [], false)).toEqual({ text: expect.stringContaining('usage: seatrial COMMAND') as string, code: 2 })
    expect(answer('labs', [], false)).toEqual({ text: expect.stringContaining('unknown command "labs"') as string, code: 2 })
  })

  it('leaves the help of a command that runs on a machine to that command', () => {
    expect(answer('exec', ['node01', 'kubectl', '--help'], true)).toBeUndefined()
    expect(answer('exec', ['--help'], true)?.text).toContain('usage: seatrial exec')
  })

  it('tells the version of the program and of the Kubernetes it simulates', () => {
    expect(answer('--version', [], false)?.text).toMatch(/^seatrial \d+\.\d+\.\d+ \(Kubernetes v1\.35\.\d+, Node v\d+/)
  })
})

describe('completion', () => {
  const complete = (line: string): string[] => {
    const words = line.split(' ')
    const script = `${bashCompletion()}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _seatrial; printf '%s\\n' "\${COMPREPLY[@]}"`
    return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n')
  }

  it.skipIf(process.platform === 'win32')('knows commands, their words, machines and profiles', () => {
    expect(complete('seatrial cl')).toEqual(['cluster'])
    expect(complete('seatrial lab ve')).toEqual(['verify'])
    expect(complete('seatrial exec node')).toEqual(['node01', 'node02'])
    expect(complete('seatrial cluster up --profile t')).toEqual(['two', 'three'])
  })
})
