import { describe, expect, it } from 'vitest'
import { testMachine } from '#engine/linux/testing/testmachine'
import { coreutilsPrograms } from '#engine/programs/coreutils/index'

const { run } = testMachine({ programs: coreutilsPrograms, files: { '/data/fruit': 'pear 3\napple 10\nfig 1\n', '/data/pairs': 'a x\nc z\n', '/data/counts': 'a 1\nb 2\n' } })
const output = async (argv: readonly string[], input = ''): Promise<string> => (await run(argv, { input })).stdout

describe('sort', () => {
  it('orders by whole lines, by keys, and by several kinds of numbers', async () => {
    expect(await output(['sort', '/data/fruit'])).toBe('apple 10\nfig 1\npear 3\n')
    expect(await output(['sort', '-k2,2n', '/data/fruit'])).toBe('fig 1\npear 3\napple 10\n')
    expect(await output(['sort', '-h'], '1M\n900\n2K\n')).toBe('900\n2K\n1M\n')
    expect(await output(['sort', '-V'], 'v1.10\nv1.9\n')).toBe('v1.9\nv1.10\n')
    expect(await output(['sort', '-M'], 'Mar\njan\nFoo\n')).toBe('Foo\njan\nMar\n')
    expect(await output(['sort', '-rn'], '2\n10\n-1\n')).toBe('10\n2\n-1\n')
  })

  it('keeps one of equal lines with -u, and equal lines in their order with -s', async () => {
    expect(await output(['sort', '-fu'], 'b\nB\na\n')).toBe('a\nb\n')
    expect(await output(['sort', '-s', '-k2,2'], 'z 1\na 1\n')).toBe('z 1\na 1\n')
  })

  it('tells where a file is not sorted', async () => {
    expect(await run(['sort', '-c', '/data/fruit'])).toMatchObject({ code: 1, stderr: 'sort: /data/fruit:2: disorder: apple 10\n' })
  })

  it('refuses kinds that do not go together', async () => {
    expect(await run(['sort', '-nM', '/data/fruit'])).toMatchObject({ code: 2, stderr: "sort: options '-Mn' are incompatible\n" })
  })
})

describe('cut, paste and join', () => {
  it('cut keeps fields and bytes in the order of the line', async () => {
    expect(await output(['cut', '-d', ' ', '-f', '2,1', '/data/fruit'])).toBe('pear 3\napple 10\nfig 1\n')
    expect(await output(['cut', '-c', '1-2,4', '--output-delimiter=:', '/data/fruit'])).toBe('pe:r\nap:l\nfi: \n')
    expect(await output(['cut', '--complement', '-d', ' ', '-f1', '/data/fruit'])).toBe('3\n10\n1\n')
  })

  it('cut names what is wrong with a list', async () => {
    expect((await run(['cut', '-f', '0', '/data/fruit'])).stderr).toContain('fields are numbered from 1')
    expect((await run(['cut', '-f', '2-1', '/data/fruit'])).stderr).toContain('invalid decreasing range')
    expect((await run(['cut', '/data/fruit'])).stderr).toContain('you must specify a list of bytes, characters, or fields')
  })

  it('paste takes lines of standard input in turn', async () => {
    expect(await output(['paste', '-', '-'], '1\n2\n3\n')).toBe('1\t2\n3\t\n')
    expect(await output(['paste', '-sd+'], '1\n2\n3\n')).toBe('1+2+3\n')
  })

  it('join pairs lines by their first field, and with -a shows those alone', async () => {
    expect(await output(['join', '/data/counts', '/data/pairs'])).toBe('a 1 x\n')
    expect(await output(['join', '-a1', '-a2', '-e', '-', '-o', 'auto', '/data/counts', '/data/pairs'])).toBe('a 1 x\nb 2 -\nc - z\n')
  })
})

describe('tr', () => {
  it('translates ranges and classes, deletes and squeezes', async () => {
    expect(await output(['tr', 'a-z', 'A-Z'], 'abc\n')).toBe('ABC\n')
    expect(await output(['tr', '-d', '[:digit:]'], 'a1b2\n')).toBe('ab\n')
    expect(await output(['tr', '-s', ' '], 'a   b\n')).toBe('a b\n')
    expect(await output(['tr', '-c', 'a-z\n', '_'], 'a b\n')).toBe('a_b\n')
  })

  it('refuses a range that runs backwards', async () => {
    expect(await run(['tr', 'z-a', 'x'], { input: '' })).toMatchObject({ code: 1, stderr: "tr: range-endpoints of 'z-a' are in reverse collating sequence order\n" })
  })
})

describe('head, tail and wc', () => {
  const lines = '1\n2\n3\n4\n5\n'

  it('show the beginning and the end, also counted from the other side', async () => {
    expect(await output(['head', '-n', '2'], lines)).toBe('1\n2\n')
    expect(await output(['head', '-n', '-3'], lines)).toBe('1\n2\n')
    expect(await output(['tail', '-n', '2'], lines)).toBe('4\n5\n')
    expect(await output(['tail', '-n', '+4'], lines)).toBe('4\n5\n')
    expect(await output(['head', '-3'], lines)).toBe('1\n2\n3\n')
  })

  it('wc counts lines, words and bytes in columns that fit the sum', async () => {
    expect(await output(['wc', '/data/fruit', '/data/pairs'])).toBe(' 3  6 22 /data/fruit\n 2  4  8 /data/pairs\n 5 10 30 total\n')
    expect(await output(['wc', '-l'], lines)).toBe('5\n')
  })
})

describe('base64 and digests', () => {
  it('encode in lines of 76, and decode what is whole before saying what is not', async () => {
    expect(await output(['base64', '-w', '0'], 'hello')).toBe('aGVsbG8=')
    expect(await run(['base64', '-d'], { input: 'aGk=!' })).toMatchObject({ stdout: 'hi', stderr: 'base64: invalid input\n', code: 1 })
  })

  it('check files against a list of digests', async () => {
    const line = await output(['sha256sum', '/data/pairs'])
    expect(await run(['sha256sum', '-c'], { input: line })).toMatchObject({ stdout: '/data/pairs: OK\n', code: 0 })
    expect(await run(['sha256sum', '-c'], { input: line.replace(/^./, (c) => (c === '0' ? '1' : '0')) })).toMatchObject({ stdout: '/data/pairs: FAILED\n', stderr: 'sha256sum: WARNING: 1 computed checksum did NOT match\n', code: 1 })
  })
})

describe('date', () => {
  it.each([
    ['2024-02-29 12:34:56', '+%s', '1709210096'], ['@0', '+%FT%TZ', '1970-01-01T00:00:00Z'], ['2024-01-01 +1 month', '+%F', '2024-02-01'], ['2024-01-31 1 day ago', '+%F', '2024-01-30'],
    ['2024-01-01T10:11:12Z', '+%F %T', '2024-01-01 10:11:12'], ['20240101', '+%j', '001'], ['Jan 1, 2024', '+%A', 'Monday'],
  ])('reads "%s"', async (text, format, shown) => {
    expect(await output(['date', '-u', '-d', text, format])).toBe(`${shown}\n`)
  })

  it('says what is no date', async () => {
    expect(await run(['date', '-d', '2024-02-30'])).toMatchObject({ code: 1, stderr: "date: invalid date ‘2024-02-30’\n" })
  })
})
