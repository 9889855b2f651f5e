/** URLs: `url("https://a.b/c").getHost()`. */
import type { Environment } from '@marcbachmann/cel-js'
import { register, registerEquality } from './register'

class CelUrl {
  constructor(
    readonly text: string,
    readonly parts: { readonly scheme: string; readonly host: string; readonly path: string; readonly query: string },
  ) {}
}

const u = 'kubernetes.URL'

export function urls(environment: Environment): void {
  environment.registerType(u, CelUrl)
  registerEquality(environment, u, (a: CelUrl, b: CelUrl) => a.text === b.text)
  register(environment, `url(string): ${u}`, (text: string) => {
    const made = parse(text)
    if (!made) throw new Error(`URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`)
    return made
  })
  register(environment, 'isURL(string): bool', (text: string) => parse(text) !== undefined)
  register(environment, `${u}.getScheme(): string`, ({ parts }: CelUrl) => parts.scheme)
  register(environment, `${u}.getHost(): string`, ({ parts }: CelUrl) => parts.host)
  register(environment, `${u}.getHostname(): string`, ({ parts }: CelUrl) => parts.host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1'))
  register(environment, `${u}.getPort(): string`, ({ parts }: CelUrl) => /:(\d*)$/.exec(parts.host)?.[1] ?? '')
  register(environment, `${u}.getEscapedPath(): string`, ({ parts }: CelUrl) => parts.path)
  register(environment, `${u}.getQuery(): map<string, list<string>>`, ({ parts }: CelUrl) => {
    const out: Record<string, string[]> = {}
    for (const [key, value] of new URLSearchParams(parts.query)) (out[key] ??= []).push(value)
    return out
  })
}

/** As a request's: absolute, or a path. */
function parse(text: string): CelUrl | undefined {
  const match = /^(?:([A-Za-z][A-Za-z0-9+.-]*):(?:\/\/(?:[^/?#@]*@)?([^/?#]*))?)?([^?]*)(?:\?(.*))?$/s.exec(text)
  if (!match) return undefined
  const [, scheme = '', host = '', path = '', query = ''] = match
  if (scheme === '' && !path.startsWith('/')) return undefined
  if (/[\s\u0000-\u001f]/.test(text) || /%(?![0-9A-Fa-f]{2})/.test(path) || /:(?!\d*$)/.test(host.replace(/^\[.*\]/, ''))) return undefined
  return new CelUrl(text, { scheme: scheme.toLowerCase(), host, path: path.replaceAll(/[^\w\-.~!$&'()*+,;=:@/%]/gu, encodeURIComponent), query })
}
