import { describe, expect, it } from 'vitest'
import type { Process } from '#engine/linux/abi/process'
import { parseNginxText } from '#engine/images/nginx/config'
import { buildModel } from '#engine/images/nginx/model'

const process = { credentials: { euid: 0 } } as unknown as Process
const check = (http: string): string => {
  try {
    buildModel(parseNginxText(`events {}\nhttp {\n${http}\n}\n`, 'nginx.conf', () => []), process)
    return 'ok'
  } catch (error) {
    return (error as Error).message
  }
}

describe('the configuration of nginx', () => {
  it('is believed where it is right', () => {
    expect(check('server { listen 80; server_name a; location / { return 200 "hi\\n"; } }')).toBe('ok')
  })

  it('is refused in the words of nginx -t', () => {
    expect(check('server { listn 80; }')).toBe('unknown directive "listn" in nginx.conf:3')
    expect(check('listen 80;')).toBe('"listen" directive is not allowed here in nginx.conf:3')
    expect(check('server { listen 80 }')).toBe('unexpected "}" in nginx.conf:3')
    expect(check('server { listen 80;')).toBe('unexpected end of file, expecting "}" in nginx.conf:5')
    expect(check('server { listen 99999; }')).toBe('invalid port in "99999" of the "listen" directive in nginx.conf:3')
    expect(check('server { listen 443 ssl; }')).toBe('no "ssl_certificate" is defined for the "listen ... ssl" directive in nginx.conf:3')
  })
})
