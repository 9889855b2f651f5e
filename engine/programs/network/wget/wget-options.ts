/** wget's command line. */
export interface WgetOptions {
  readonly quiet: boolean
  readonly verbose: boolean
  readonly spider: boolean
  readonly serverResponse: boolean
  readonly insecure: boolean
  readonly output: string | undefined
  readonly prefix: string | undefined
  readonly timeoutMs: number | undefined
  readonly tries: number
  readonly headers: readonly string[]
  readonly body: string | undefined
  readonly userAgent: string | undefined
  readonly roots: string | undefined
  readonly urls: readonly string[]
  readonly inputFile: string | undefined
  readonly bodyFile: string | undefined
  readonly show: 'help' | 'version' | undefined
}

/** The words of a command line sorted out; options under their short names where they have one. */
interface Sorted {
  readonly values: Map<string, string[]>
  readonly flags: Set<string>
}

const longValues: Readonly<Record<string, string>> = { 'output-document': 'O', timeout: 'T', tries: 't', 'user-agent': 'U', 'directory-prefix': 'P', header: 'header', 'post-data': 'post-data', 'ca-certificate': 'ca-certificate', 'connect-timeout': 'T', 'read-timeout': 'T', 'dns-timeout': 'T', 'body-data': 'post-data', method: 'method', 'output-file': 'o', waitretry: 'waitretry', 'input-file': 'i', 'post-file': 'post-file', 'body-file': 'post-file' }
const longFlags = /^(quiet|spider|no-check-certificate|server-response|no-verbose|verbose|continue|no-clobber|progress|show-progress|no-proxy|inet4-only|no-hsts|content-on-error|no-cookies|https-only|retry-connrefused|no-cache|help|version|no-netrc|inet6-only|no-dns-cache|force-directories|no-directories)$/

function put({ values }: Sorted, name: string, value: string | undefined): void {
  values.set(name, [...(values.get(name) ?? []), value ?? ''])
}

/** Takes the word at `index`; gives the index of the last word taken, or what is wrong. */
function takeLong(sorted: Sorted, args: readonly string[], index: number): number | string {
  const arg = args[index] ?? ''
  const [name = '', ...rest] = arg.slice(2).split('=')
  if (longValues[name] !== undefined) {
    put(sorted, longValues[name] as string, rest.length > 0 ? rest.join('=') : args[index + 1])
    return rest.length > 0 ? index : index + 1
  }
  if (!longFlags.test(name)) return `wget: unrecognized option '${arg}'`
  sorted.flags.add(name)
  return index
}

function takeCluster(sorted: Sorted, args: readonly string[], index: number): number | string {
  const arg = args[index] ?? ''
  for (let at = 1; at < arg.length; at++) {
    const letter = arg.charAt(at)
    if ('OTtUPoYei'.includes(letter)) {
      const attached = arg.length > at + 1
      put(sorted, letter, attached ? arg.slice(at + 1) : args[index + 1])
      return attached ? index : index + 1
    }
    if (letter === 'n' && arg.charAt(at + 1) === 'v') {
      sorted.flags.add('no-verbose')
      at++
    } else if ('qSvcdbNr46khV'.includes(letter) || letter === 'n') sorted.flags.add(letter)
    else return `wget: invalid option -- '${letter}'`
  }
  return index
}

/** Told without the hint to --help. */
function valueProblem(timeout: string | undefined, headers: readonly string[]): string | undefined {
  if (timeout !== undefined && !/^\d*\.?\d+[smhdw]?$/.test(timeout) && timeout !== 'infinity') return `wget: --timeout: Invalid time period ‘${timeout}’`
  const bad = headers.find((header) => !/^[^:\s]+:/.test(header) && header !== '')
  return bad === undefined ? undefined : `wget: --header: Invalid header ‘${bad}’.`
}

export function parseWget(args: readonly string[]): WgetOptions | string {
  const sorted: Sorted = { values: new Map(), flags: new Set() }
  const urls: string[] = []
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? ''
    if (!arg.startsWith('-') || arg === '-') {
      urls.push(arg)
      continue
    }
    const taken = arg.startsWith('--') ? takeLong(sorted, args, index) : takeCluster(sorted, args, index)
    if (typeof taken === 'string') return taken
    index = taken
  }
  return optionsOf(sorted, urls)
}

function optionsOf({ values, flags }: Sorted, urls: readonly string[]): WgetOptions | string {
  const value = (name: string): string | undefined => values.get(name)?.at(-1)
  const timeout = value('T')
  const wrong = valueProblem(timeout, values.get('header') ?? [])
  if (wrong !== undefined) return wrong
  return {
    quiet: flags.has('q') || flags.has('quiet'), verbose: !flags.has('no-verbose'), spider: flags.has('spider'), serverResponse: flags.has('S') || flags.has('server-response'), insecure: flags.has('no-check-certificate'), output: value('O'), prefix: value('P'), timeoutMs: timeout === undefined ? undefined : Number(timeout) * 1000,
    tries: Number(value('t') ?? 20), headers: values.get('header') ?? [], body: value('post-data'), userAgent: value('U'), roots: value('ca-certificate'), urls, inputFile: value('i'), bodyFile: value('post-file'), show: shownFirst(flags),
  }
}

/** Help and version come before everything else. */
function shownFirst(flags: ReadonlySet<string>): WgetOptions['show'] {
  if (flags.has('h') || flags.has('help')) return 'help'
  return flags.has('V') || flags.has('version') ? 'version' : undefined
}
