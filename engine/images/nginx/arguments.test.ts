import { describe, expect, it } from 'vitest'
import { parseArguments } from './arguments'

describe("nginx's command line", () => {
  it('tests a configuration, tells a signal, and takes directives', () => {
    expect(parseArguments(['-t', '-q', '-c', '/tmp/n.conf'])).toMatchObject({ test: true, quiet: true, conf: '/tmp/n.conf' })
    expect(parseArguments(['-g', 'daemon off;'])).toMatchObject({ globals: 'daemon off;', conf: '/etc/nginx/nginx.conf' })
    expect(parseArguments(['-s', 'reload'])).toMatchObject({ signal: 'reload' })
  })

  it('refuses what it does not know in its words', () => {
    expect(parseArguments(['-z'])).toBe('invalid option: "z"')
    expect(parseArguments(['start'])).toBe('invalid option: "start"')
    expect(parseArguments(['-s', 'restart'])).toBe('invalid option: "-s restart"')
  })
})
