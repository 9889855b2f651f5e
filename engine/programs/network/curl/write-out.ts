/** The text of -w, with its variables. */
import { normalized, type Result } from './result'

export interface WriteOutFacts {
  readonly now: number
  readonly method: string
  readonly output: string
  readonly urlNumber: number
}

/** What goes to standard output and to standard error, in order. */
export interface Said {
  readonly to: 'stdout' | 'stderr'
  readonly text: string
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

export function writeOut(format: string, result: Result, facts: WriteOutFacts): Said[] {
  const values = valuesOf(result, facts)
  const out: { to: 'stdout' | 'stderr'; text: string }[] = []
  let to: 'stdout' | 'stderr' = 'stdout'
  const say = (where: 'stdout' | 'stderr', text: string): void => void out.push({ to: where, text })
  for (const [, header, name, percent, escape, other] of format.matchAll(/%header\{([^}]*)\}|%\{(\w+)\}|(%%)|\\([ntr])|([^])/g)) {
    if (name === 'stdout' || name === 'stderr') to = name
    else if (name !== undefined && values[name] === undefined) say('stderr', `curl: unknown --write-out variable: '${name}'\n`)
    else say(to, name !== undefined ? (values[name] ?? '') : header !== undefined ? (headerValues(result, header)[0] ?? '') : percent !== undefined ? '%' : escape !== undefined ? (escapes[escape] as string) : (other as string))
  }
  return merged(out)
}

function merged(parts: readonly Said[]): Said[] {
  const out: { to: 'stdout' | 'stderr'; text: string }[] = []
  for (const part of parts) {
    const last = out.at(-1)
    if (last?.to === part.to) last.text += part.text
    else out.push({ ...part })
  }
  return out
}

function headerValues(result: Result, name: string): string[] {
  return result.headers.filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`)).map((line) => line.slice(name.length + 1).trim())
}

function headerJson(result: Result): string {
  const names = [...new Set(result.headers.map((line) => (line.split(':')[0] ?? '').toLowerCase()))]
  return `{${names.map((name) => `"${name}":${JSON.stringify(headerValues(result, name))}`).join(',\n')}\n}`
}

function valuesOf(result: Result, facts: WriteOutFacts): Readonly<Record<string, string>> {
  const seconds = (from: number): string => Math.max(0, (from - result.startedAt) / 1000).toFixed(6)
  const secure = result.url.startsWith('https')
  const code = String(result.code).padStart(3, '0')
  return {
    http_code: code, response_code: code, exitcode: String(result.exit), errormsg: result.message.split('\n')[0] ?? '', url: result.url, url_effective: result.exit === 0 || /^https?:\/\/[^/]+\//.test(result.url) ? result.url : normalized(result.url), urlnum: String(facts.urlNumber),
    size_download: String(result.size), size_upload: String(result.uploaded), size_header: String(result.headerSize), size_request: '0', content_type: result.contentType, num_redirects: String(result.redirects), num_connects: result.connectedAt > 0 ? '1' : '0', num_headers: String(result.headers.length), header_json: headerJson(result), http_connect: '000',
    remote_ip: result.remote.address, remote_port: String(result.remote.port), local_ip: result.local.address, local_port: String(result.local.port), http_version: result.version, redirect_url: result.redirectUrl, referer: '', scheme: secure ? 'HTTPS' : 'HTTP', method: facts.method, ssl_verify_result: '0', proxy_ssl_verify_result: '0',
    speed_download: '0', speed_upload: '0', filename_effective: facts.output, onerror: '', time_total: seconds(facts.now), time_connect: seconds(result.connectedAt), time_namelookup: seconds(result.startedAt), time_starttransfer: seconds(facts.now), time_appconnect: seconds(secure ? result.connectedAt : 0), time_pretransfer: seconds(result.connectedAt), time_redirect: '0.000000',
  }
}
