/** curl's command line: short clusters, long names, what needs a parameter. */
export interface CurlOptions {
  readonly flags: ReadonlySet<string>
  readonly values: ReadonlyMap<string, readonly string[]>
  readonly urls: readonly string[]
}

/** Wrong usage, with what follows `curl: ` and perhaps the hint; exit code 2 and others. */
export class CurlUsageError extends Error {
  constructor(message: string, readonly exit = 2, readonly hint = true) {
    super(message)
  }
}

const shortFlags: Readonly<Record<string, string>> = { s: 'silent', S: 'show-error', k: 'insecure', v: 'verbose', i: 'include', I: 'head', L: 'location', f: 'fail', O: 'remote-name', g: 'globoff', G: 'get', N: 'no-buffer', '#': 'progress-bar', '4': 'ipv4', '6': 'ipv6', '0': 'http1.0', V: 'version', n: 'netrc', J: 'remote-header-name', q: 'disable', j: 'junk-session-cookies', a: 'append', R: 'remote-time', l: 'list-only', Z: 'parallel' }
const shortValues: Readonly<Record<string, string>> = { X: 'request', d: 'data', H: 'header', o: 'output', w: 'write-out', m: 'max-time', u: 'user', F: 'form', A: 'user-agent', e: 'referer', b: 'cookie', c: 'cookie-jar', T: 'upload-file', x: 'proxy', E: 'cert', r: 'range', C: 'continue-at', D: 'dump-header', K: 'config', z: 'time-cond', Y: 'speed-limit', y: 'speed-time', U: 'proxy-user', t: 'telnet-option', Q: 'quote' }
const longFlags = new Set([...Object.values(shortFlags), 'fail-with-body', 'compressed', 'retry-connrefused', 'http1.1', 'http2', 'http2-prior-knowledge', 'tlsv1.2', 'tlsv1.3', 'tlsv1', 'location-trusted', 'create-dirs', 'no-progress-meter', 'no-keepalive', 'path-as-is', 'raw', 'tcp-nodelay', 'ssl-no-revoke', 'anyauth', 'basic', 'digest', 'negotiate', 'retry-all-errors', 'fail-early', 'post301', 'post302', 'post303', 'styled-output', 'no-styled-output', 'disable-eprt', 'no-alpn', 'ssl', 'ssl-reqd', 'trace-time', 'http0.9', 'remove-on-error'])
const longValues = new Set([...Object.values(shortValues), 'connect-timeout', 'cacert', 'capath', 'key', 'resolve', 'unix-socket', 'data-raw', 'data-binary', 'data-urlencode', 'data-ascii', 'json', 'retry', 'retry-delay', 'retry-max-time', 'max-redirs', 'connect-to', 'interface', 'url', 'oauth2-bearer', 'cert-type', 'key-type', 'pass', 'ciphers', 'tls-max', 'limit-rate', 'noproxy', 'form-string', 'abstract-unix-socket', 'dns-servers', 'local-port', 'keepalive-time', 'expect100-timeout', 'stderr', 'trace', 'trace-ascii', 'url-query', 'output-dir', 'aws-sigv4', 'request-target', 'proto', 'proto-default', 'variable', 'max-filesize', 'rate', 'help'])

export function parseCurl(args: readonly string[]): CurlOptions {
  const flags = new Set<string>()
  const values = new Map<string, string[]>()
  const urls: string[] = []
  const put = (name: string, value: string): void => {
    if (name === 'url') urls.push(value)
    else values.set(name, [...(values.get(name) ?? []), value])
  }
  let operandsOnly = false
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? ''
    if (operandsOnly || !arg.startsWith('-') || arg === '-') {
      urls.push(arg)
      continue
    }
    if (arg === '--') {
      operandsOnly = true
      continue
    }
    if (arg.startsWith('--')) {
      const name = longName(arg)
      if (name === 'help') {
        flags.add('help')
        if (args[index + 1] !== undefined && !(args[index + 1] ?? '').startsWith('-')) index++
      } else if (longValues.has(name)) put(name, need(arg, args[++index]))
      else if (longFlags.has(name)) flags.add(name)
      else flags.delete(name.replace(/^no-/, ''))
      continue
    }
    for (let at = 1; at < arg.length; at++) {
      const letter = arg.charAt(at)
      if (letter === 'h') flags.add('help')
      else if (shortFlags[letter] !== undefined) flags.add(shortFlags[letter] as string)
      else if (shortValues[letter] !== undefined) {
        const rest = arg.slice(at + 1)
        put(shortValues[letter] as string, rest !== '' ? rest : need(`-${letter}`, args[++index]))
        break
      } else throw new CurlUsageError(`option ${arg}: is unknown`)
    }
  }
  for (const name of ['max-time', 'connect-timeout', 'retry', 'retry-delay', 'max-redirs']) {
    const bad = values.get(name)?.find((value) => !/^-?\d+(\.\d+)?$/.test(value))
    if (bad !== undefined) throw new CurlUsageError(`option ${args.find((arg) => arg.startsWith(`--${name}`)) ?? `-${Object.keys(shortValues).find((letter) => shortValues[letter] === name) ?? ''}`}: expected a proper numerical parameter`)
  }
  return { flags, values, urls }
}

function longName(arg: string): string {
  const given = arg.slice(2)
  const all = [...longFlags, ...longValues]
  if (all.includes(given)) return given
  if (given.startsWith('no-') && longFlags.has(given.slice(3))) return given
  const starting = all.filter((name) => name.startsWith(given))
  if (starting.length === 0) throw new CurlUsageError(`option ${arg}: is unknown`)
  if (starting.length > 1) throw new CurlUsageError(`option ${arg}: is ambiguous`)
  return starting[0] as string
}

function need(option: string, value: string | undefined): string {
  if (value === undefined) throw new CurlUsageError(`option ${option}: requires parameter`)
  return value
}
