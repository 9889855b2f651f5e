/** nginx's command line. */
const confPath = '/etc/nginx/nginx.conf'

export interface Options {
  readonly conf: string
  readonly globals: string
  readonly test: boolean
  readonly dump: boolean
  readonly quiet: boolean
  readonly signal: string | undefined
}

type Change = Partial<Options>

/** Flags that stand alone, and those that take the next argument. */
const alone: Readonly<Record<string, Change>> = { '-t': { test: true }, '-T': { test: true, dump: true }, '-q': { quiet: true } }
const valued: Readonly<Record<string, (value: string) => Change>> = { '-c': (conf) => ({ conf }), '-g': (globals) => ({ globals }), '-s': (signal) => ({ signal }), '-p': () => ({}), '-e': () => ({}) }

/** Or what is wrong with them. */
export function parseArguments(args: readonly string[]): Options | string {
  let options: Options = { conf: confPath, globals: '', test: false, dump: false, quiet: false, signal: undefined }
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? ''
    const takes = valued[arg]
    const change = takes ? takes(args[++index] ?? '') : alone[arg]
    if (!change) return `invalid option: "${arg.replace(/^-/, '')}"`
    options = { ...options, ...change }
  }
  if (options.signal !== undefined && !/^(stop|quit|reopen|reload)$/.test(options.signal)) return `invalid option: "-s ${options.signal}"`
  return options
}
