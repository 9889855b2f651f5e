import { describe, expect, it } from 'vitest'
import { portsText } from './list'
import { portsOf } from './ports'

describe('published ports', () => {
  it('are read in all their forms', () => {
    expect(portsOf(['8080:80', '127.0.0.1:53:53/udp', '90'], []).bindings).toEqual({ '80/tcp': [{ HostIp: '', HostPort: '8080' }], '53/udp': [{ HostIp: '127.0.0.1', HostPort: '53' }], '90/tcp': [{ HostIp: '', HostPort: '' }] })
    expect(Object.keys(portsOf(['8000-8001:80-81'], ['70-71']).exposed)).toEqual(['80/tcp', '81/tcp', '70/tcp', '71/tcp'])
  })

  it('are refused in the words of the real client', () => {
    for (const [text, words] of [['80x:80', 'invalid hostPort: 80x'], ['80:80:80:80', 'invalid IP address: 80:80'], ['80:', 'no port specified: 80:<empty>'], ['1-3:1-2', 'invalid ranges specified for container and host Ports: 1-2 and 1-3']] as const) {
      expect(() => portsOf([text], [])).toThrow(words)
    }
  })

  it('are listed with neighbours drawn together', () => {
    const at = (IP: string, PublicPort: number, PrivatePort: number): { IP: string; PublicPort: number; PrivatePort: number; Type: string } => ({ IP, PublicPort, PrivatePort, Type: 'tcp' })
    expect(portsText([at('0.0.0.0', 8088, 80), at('::', 8088, 80)])).toBe('0.0.0.0:8088->80/tcp, [::]:8088->80/tcp')
    expect(portsText([{ PrivatePort: 80, Type: 'tcp' }, { PrivatePort: 81, Type: 'tcp' }])).toBe('80-81/tcp')
  })
})
