/** The lines of a request, in curl's order. */
import { encodeUtf8, toBase64 } from '#engine/base/bytes'
import type { Cookies } from './cookies'
import type { Payload } from './payload'
import type { TransferRequest } from './transfer'

export class RequestMaker {
  constructor(
    private readonly has: (flag: string) => boolean,
    private readonly all: (name: string) => readonly string[],
    private readonly payload: Payload,
    private readonly cookies: Cookies,
  ) {}

  private value(name: string): string | undefined {
    return this.all(name).at(-1)
  }

  make(url: URL, method: string, body: Uint8Array | undefined): TransferRequest {
    const json = this.all('json').length > 0 ? ['Content-Type: application/json', 'Accept: application/json'] : []
    const given = this.all('header').map((line) => line.replace(/;$/, ':\0'))
    const custom = [...json.filter((line) => !given.some((other) => nameOf(other) === nameOf(line))), ...given]
    const names = new Set(custom.map(nameOf))
    const lines: string[] = []
    const add = (name: string, value: string | undefined): void => {
      if (value !== undefined && !names.has(name.toLowerCase())) lines.push(`${name}: ${value}`)
    }
    const user = this.value('user') ?? (url.username === '' ? undefined : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`)
    add('Authorization', this.authorization(user))
    add('Range', this.value('range') === undefined ? undefined : `bytes=${this.value('range') ?? ''}`)
    add('User-Agent', this.value('user-agent') ?? 'curl/7.88.1')
    add('Accept', '*/*')
    if (this.has('compressed')) add('Accept-Encoding', 'deflate, gzip, br, zstd')
    add('Referer', this.value('referer'))
    add('Cookie', this.cookies.header(url))
    lines.push(...custom.filter((line) => /^[^:]+:\s*\S/.test(line) && !/^host:/i.test(line)).map((line) => line.replace(/\s*\0/, '')))
    if (body !== undefined) add('Content-Length', String(body.length))
    if (body !== undefined) add('Content-Type', this.payload.contentType())
    const host = custom.find((line) => /^host:/i.test(line))?.replace(/^host:\s*/i, '') ?? url.host
    return { url, method, headers: lines.filter((line) => !/^user-agent: $/i.test(line)), host, body }
  }

  private authorization(user: string | undefined): string | undefined {
    if (user !== undefined) return `Basic ${toBase64(encodeUtf8(user.includes(':') ? user : `${user}:`))}`
    return this.value('oauth2-bearer') === undefined ? undefined : `Bearer ${this.value('oauth2-bearer') ?? ''}`
  }
}

function nameOf(line: string): string {
  return (line.split(':')[0] ?? '').toLowerCase()
}
