/** curl's command line: short clusters, long names, what needs a parameter. */
import { configWords } from './config'
import { CurlUsageError } from './usage'

export interface CurlOptions {
  readonly flags: ReadonlySet<string>
  readonly values: ReadonlyMap<string, readonly string[]>
  readonly urls: readonly string[]
}

const shortFlags: Readonly<Record<string, string>> = { s: 'silent', S: 'show-error', k: 'insecure', v: 'verbose', i: 'include', I: 'head', L: 'location', f: 'fail', O: 'remote-name', g: 'globoff', G: 'get', N: 'no-buffer', '#': 'progress-bar', '4': 'ipv4', '6': 'ipv6', '0': 'http1.0', V: 'version', n: 'netrc', J: 'remote-header-name', q: 'disable', j: 'junk-session-cookies', a: 'append', R: 'remote-time', l: 'list-only', Z: 'parallel' }
const shortValues: Readonly<Record<string, string>> = { X: 'request', d: 'data', H: 'header', o: 'output', w: 'write-out', m: 'max-time', u: 'user', F: 'form', A: 'user-agent', e: 'referer', b: 'cookie', c: 'cookie-jar', T: 'upload-file', x: 'proxy', E: 'cert', r: 'range', C: 'continue-at', D: 'dump-header', K: 'config', z: 'time-cond', Y: 'speed-limit', y: 'speed-time', U: 'proxy-user', t: 'telnet-option', Q: 'quote' }
const longFlags = new Set([...Object.values(shortFlags), 'fail-with-body', 'compressed', 'retry-connrefused', 'http1.1', 'http2', 'http2-prior-knowledge', 'tlsv1.2', 'tlsv1.3', 'tlsv1', 'location-trusted', 'create-dirs', 'no-progress-meter', 'no-keepalive', 'path-as-is', 'raw', 'tcp-nodelay', 'ssl-no-revoke', 'anyauth', 'basic', 'digest', 'negotiate', 'retry-all-errors', 'fail-early', 'post301', 'post302', 'post303', 'styled-output', 'no-styled-output', 'disable-eprt', 'no-alpn', 'ssl', 'ssl-reqd', 'trace-time', 'http0.9', 'remove-on-error'])
const longValues = new Set([...Object.values(shortValues), 'connect-timeout', 'cacert', 'capath', 'key', 'resolve', 'unix-socket', 'data-raw', 'data-binary', 'data-urlencode', 'data-ascii', 'json', 'retry', 'retry-delay', 'retry-max-time', 'max-redirs', 'connect-to', 'interface', 'url', 'oauth2-bearer', 'cert-type', 'key-type', 'pass', 'ciphers', 'tls-max', 'limit-rate', 'noproxy', 'form-string', 'abstract-unix-socket', 'dns-servers', 'local-port', 'keepalive-time', 'expect100-timeout', 'stderr', 'trace', 'trace-ascii', 'url-query', 'output-dir', 'aws-sigv4', 'request-target', 'proto', 'proto-default', 'variable', 'max-filesize', 'rate', 'help'])

export { CurlUsageError }

/** The options while the words are read. */
interface Draft {
  readonly flags: Set<string>
  readonly values: Map<string, string[]>
  readonly urls: string[]
}

/** `readConfig` gives the text of a file of -K, `-` for standard input. */
export async function parseCurl(args: readonly string[], readConfig: (path: string) => Promise<string>): Promise<CurlOptions> {
  const draft: Draft = { flags: new Set(), values: new Map(), urls: [] }
  let operandsOnly = false
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? ''
    if (operandsOnly || !arg.startsWith('-') || arg === '-') draft.urls.push(arg)
    else if (arg === '--') operandsOnly = true
    else index = arg.startsWith('--') ? takeLong(draft, args, index) : takeCluster(draft, args, index)
  }
  for (const path of draft.values.get('config') ?? []) for (const words of configWords(await readConfig(path))) takeConfigLine(draft, words)
  checkNumbers(draft, args)
  return draft
}

function takeConfigLine(draft: Draft, words: readonly string[]): void {
  const [option = ''] = words
  if (option.startsWith('--')) takeLong(draft, words, 0)
  else takeCluster(draft, words, 0)
}

function put({ urls, values }: Draft, name: string, value: string): void {
  if (name === 'url') urls.push(value)
  else values.set(name, [...(values.get(name) ?? []), value])
}

/** Takes the option at `index`; gives the index of the last word taken. */
function takeLong(draft: Draft, args: readonly string[], index: number): number {
  const arg = args[index] ?? ''
  const next = args[index + 1]
  const name = longName(arg)
  if (name === 'help') {
    draft.flags.add('help')
    return next !== undefined && !next.startsWith('-') ? index + 1 : index
  }
  if (longValues.has(name)) {
    put(draft, name, need(arg, next))
    return index + 1
  }
  if (longFlags.has(name)) draft.flags.add(name)
  else draft.flags.delete(name.replace(/^no-/, ''))
  return index
}

function takeCluster(draft: Draft, args: readonly string[], index: number): number {
  const arg = args[index] ?? ''
  for (let at = 1; at < arg.length; at++) {
    const letter = arg.charAt(at)
    if (letter === 'h') draft.flags.add('help')
    else if (shortFlags[letter] !== undefined) draft.flags.add(shortFlags[letter] as string)
    else if (shortValues[letter] !== undefined) {
      const rest = arg.slice(at + 1)
      put(draft, shortValues[letter] as string, rest !== '' ? rest : need(`-${letter}`, args[index + 1]))
      return rest !== '' ? index : index + 1
    } else throw new CurlUsageError(`option ${arg}: is unknown`)
  }
  return index
}

function checkNumbers({ values }: Draft, args: readonly string[]): void {
  for (const name of ['max-time', 'connect-timeout', 'retry', 'retry-delay', 'max-redirs', 'continue-at']) {
    const bad = values.get(name)?.find((value) => !/^\d+(\.\d+)?$/.test(value) && !(name === 'max-redirs' && value === '-1') && !(name === 'continue-at' && value === '-'))
    if (bad === undefined) continue
    const option = args.find((arg) => arg.startsWith(`--${name}`)) ?? `-${Object.keys(shortValues).find((letter) => shortValues[letter] === name) ?? ''}`
    throw new CurlUsageError(`option ${option}: expected a ${/^-\d/.test(bad) ? 'positive' : 'proper'} numerical parameter`)
  }
  for (const name of ['trace', 'trace-ascii', 'telnet-option', 'quote', 'aws-sigv4']) if (values.has(name)) throw new CurlUsageError(`--${name} is not supported in this simulation`, 2, false)
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
