import { describe, expect, it } from 'vitest'
import { bool, count, duration, Flags, int, int32, string, stringArray, stringMap, strings } from './flags'

function parsed(args: readonly string[], interspersed = true): Flags {
  const flags = new Flags([
    bool('all-namespaces,A', ''), bool('watch,w', ''), string('output,o', ''), string('dry-run', '', { default: 'none', bare: 'unchanged' }), int('replicas', ''), int32('small', ''), duration('timeout', ''), strings('filename,f', ''),
    stringArray('env', ''), stringMap('set-image', ''), count('verbose,v', ''), string('old', '', { deprecated: 'use --new instead' }),
  ])
  flags.parse(args, interspersed)
  return flags
}

describe('flags', () => {
  it('take their value after a space, an equals sign or the letter itself', () => {
    for (const args of [['--output', 'yaml'], ['--output=yaml'], ['-o', 'yaml'], ['-oyaml'], ['-o=yaml']]) expect(parsed(args).string('output')).toBe('yaml')
  })

  it('are bundled by their letters', () => {
    const flags = parsed(['-Awo', 'wide', 'pods'])
    expect([flags.bool('all-namespaces'), flags.bool('watch'), flags.string('output'), flags.args]).toEqual([true, true, 'wide', ['pods']])
  })

  it('mean something without a value where they may', () => {
    expect(parsed(['--dry-run', 'pods']).string('dry-run')).toBe('unchanged')
    expect(parsed(['--dry-run=client']).string('dry-run')).toBe('client')
    expect(parsed([]).string('dry-run')).toBe('none')
    expect(parsed(['--watch=false']).bool('watch')).toBe(false)
  })

  it('stand among the arguments, up to a double dash', () => {
    const flags = parsed(['exec', 'pod', '-w', '--', 'ls', '-A'])
    expect([flags.args, flags.argsBeforeDash, flags.bool('all-namespaces')]).toEqual([['exec', 'pod', 'ls', '-A'], 2, false])
    expect(parsed(['pod', '-w'], false).args).toEqual(['pod', '-w'])
    expect(parsed(['-']).args).toEqual(['-'])
  })

  it('may be lists, with commas or one by one', () => {
    expect(parsed(['-f', 'a,b', '-f', '"c,d"']).list('filename')).toEqual(['a', 'b', 'c,d'])
    expect(parsed(['--env', 'A=1,2', '--env', 'B=3']).list('env')).toEqual(['A=1,2', 'B=3'])
    expect([...parsed(['--set-image=a=b,c=d', '--set-image', 'e=f']).map('set-image')]).toEqual([['a', 'b'], ['c', 'd'], ['e', 'f']])
    expect(parsed(['-vv', '--verbose']).number('verbose')).toBe(3)
  })

  it('know whether they were given, and warn where they are deprecated', () => {
    const flags = parsed(['--old=x', '--old=y'])
    expect([flags.changed('old'), flags.changed('watch'), flags.warnings]).toEqual([true, false, ['Flag --old has been deprecated, use --new instead']])
  })

  it.each([
    [['--nosuch'], 'unknown flag: --nosuch'],
    [['-x'], "unknown shorthand flag: 'x' in -x"],
    [['-wxo'], "unknown shorthand flag: 'x' in -xo"],
    [['--output'], 'flag needs an argument: --output'],
    [['-wo'], "flag needs an argument: 'o' in -o"],
    [['--=x'], 'bad flag syntax: --=x'],
    [['---x'], 'bad flag syntax: ---x'],
    [['--watch=maybe'], 'invalid argument "maybe" for "-w, --watch" flag: strconv.ParseBool: parsing "maybe": invalid syntax'],
    [['--replicas=two'], 'invalid argument "two" for "--replicas" flag: strconv.ParseInt: parsing "two": invalid syntax'],
    [['--small=3000000000'], 'invalid argument "3000000000" for "--small" flag: strconv.ParseInt: parsing "3000000000": value out of range'],
    [['--timeout=5'], 'invalid argument "5" for "--timeout" flag: time: missing unit in duration "5"'],
    [['--timeout=1x'], 'invalid argument "1x" for "--timeout" flag: time: unknown unit "x" in duration "1x"'],
    [['--set-image=a'], 'invalid argument "a" for "--set-image" flag: a must be formatted as key=value'],
  ])('are refused in the words of pflag: %j', (args, message) => {
    expect(() => parsed(args)).toThrow(message)
  })
})
