import { describe, expect, it } from 'vitest'
import { testMachine } from '#engine/linux/testing/testmachine'
import { Cookies } from '#engine/programs/network/curl/cookies'
import { curl } from '#engine/programs/network/curl/curl'
import { expandUrl } from '#engine/programs/network/curl/globbing'
import { urlencode } from '#engine/programs/network/curl/payload'
import { emptyResult } from '#engine/programs/network/curl/result'
import { writeOut } from '#engine/programs/network/curl/write-out'
import type { Process } from '#engine/linux/abi/process'

describe('curl', () => {
  const { run } = testMachine({ programs: [curl], files: { '/tmp/page': 'hello\n' } })
  const said = (...args: readonly string[]): ReturnType<typeof run> => run(['curl', ...args])

  it('reads files as URLs', async () => {
    expect(await said('-s', 'file:///tmp/page')).toMatchObject({ stdout: 'hello\n', code: 0 })
    expect(await said('-sS', 'file:///nosuch')).toMatchObject({ stderr: "curl: (37) Couldn't open file /nosuch\n", code: 37 })
  })

  it.each([
    [['--foo'], 2, 'curl: option --foo: is unknown\n'], [['-o'], 2, 'curl: option -o: requires parameter\n'], [['-m', 'x', 'a'], 2, 'curl: option -m: expected a proper numerical parameter\n'], [['-m', '-1', 'a'], 2, 'curl: option -m: expected a positive numerical parameter\n'],
    [['-sS', 'foo://x'], 1, 'curl: (1) Protocol "foo" not supported or disabled in libcurl\n'], [['-sS', 'http://'], 3, 'curl: (3) URL using bad/illegal format or missing URL\n'], [['-K', 'nosuch'], 26, 'curl: option -K: error encountered when reading a file\n'],
    [['-sS', 'http://h/{a'], 3, 'curl: (3) unmatched brace in URL position 11:\nhttp://h/{a\n          ^\n'],
  ])('refuses %j', async (args, code, words) => {
    const result = await said(...args)
    expect(result.code).toBe(code)
    expect(result.stderr).toContain(words)
  })

  it('asks for one method only', async () => {
    expect(await said('-d', 'a', '-I', 'http://h/')).toMatchObject({ code: 2, stderr: 'Warning: You can only select one HTTP request method! You asked for both POST \nWarning: (-d, --data) and HEAD (-I, --head).\n' })
  })

  it('says plainly that proxies are missing', async () => {
    expect(await said('-sS', '-x', 'http://proxy:1', 'http://h/')).toMatchObject({ code: 5, stderr: 'curl: (5) proxies are not supported in this simulation\n' })
  })
})

describe("curl's parts", () => {
  it('patterns in URLs stand for several', () => {
    expect(expandUrl('http://h/{a,b}/[1-2]')).toEqual(['http://h/a/1', 'http://h/a/2', 'http://h/b/1', 'http://h/b/2'])
    expect(expandUrl('http://h/[08-10]')).toEqual(['http://h/08', 'http://h/09', 'http://h/10'])
    expect(expandUrl('http://[::1]/')).toEqual(['http://[::1]/'])
  })

  it('data is encoded with plus signs for blanks', () => {
    expect(urlencode("b c&d(e)'")).toBe('b+c%26d%28e%29%27')
  })

  it('-w fills in what is known and tells what is not', () => {
    const result = { ...emptyResult('http://h/', 0), code: 200, headers: ['X-A: b'] }
    const facts = { now: 0, method: 'GET', output: '', urlNumber: 0 }
    expect(writeOut('%{http_code} %header{x-a} 100%%\\n', result, facts)).toEqual([{ to: 'stdout', text: '200 b 100%\n' }])
    expect(writeOut('a%{stderr}b', result, facts)).toEqual([{ to: 'stdout', text: 'a' }, { to: 'stderr', text: 'b' }])
    expect(writeOut('%{foo}', result, facts)).toEqual([{ to: 'stderr', text: "curl: unknown --write-out variable: 'foo'\n" }])
  })

  it('a jar keeps cookies for their host and path', () => {
    const cookies = new Cookies({} as Process, [], 'jar')
    cookies.take(new URL('http://h/a'), ['Set-Cookie: s=1; Path=/a', 'Set-Cookie: t=2; Secure'])
    expect(cookies.header(new URL('http://h/a/b'))).toBe('s=1')
    expect(cookies.header(new URL('https://h/'))).toBe('t=2')
    expect(cookies.header(new URL('http://other/a'))).toBeUndefined()
    expect(cookies.text()).toContain('h\tFALSE\t/a\tFALSE\t0\ts\t1\n')
  })
})
