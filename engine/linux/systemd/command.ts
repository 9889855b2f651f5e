/** The command lines of Exec settings: prefixes, quoting, variables. */

export interface ExecCommand {
  readonly path: string
  readonly argv: readonly string[]
  /** `-`: a failure is no failure. */
  readonly ignoreFailure: boolean
  /** `+` or `!`: with full rights. */
  readonly privileged: boolean
  /** As systemctl status shows it. */
  readonly text: string
}

export function parseCommand(line: string): ExecCommand | undefined {
  let ignoreFailure = false
  let privileged = false
  let useArgv0 = false
  let at = 0
  for (; '-@+!:'.includes(line.charAt(at)) && at < line.length; at++) {
    if (line[at] === '-') ignoreFailure = true
    if (line[at] === '+' || line[at] === '!') privileged = true
    if (line[at] === '@') useArgv0 = true
  }
  const parts = splitWords(line.slice(at).trim())
  const path = parts?.[0]
  if (!parts || path === undefined) return undefined
  const argv = useArgv0 ? parts.slice(1) : parts
  return { path, argv, ignoreFailure, privileged, text: parts.join(' ') }
}

/** Words with systemd's quoting and C escapes; undefined where a quote is left open. */
export function splitWords(text: string): string[] | undefined {
  const out: string[] = []
  let rest = text.trimStart()
  while (rest !== '') {
    const match = /^(?:[^\s"'\\]|\\[\s\S]|"(?:[^"\\]|\\[\s\S])*"|'[^']*')+/.exec(rest)
    if (!match) return undefined
    out.push(unquoted(match[0]))
    rest = rest.slice(match[0].length)
    if (rest !== '' && !/^\s/.test(rest)) return undefined
    rest = rest.trimStart()
  }
  return out
}

function unquoted(word: string): string {
  return word.replace(/'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])/g, (_, single: string | undefined, double: string | undefined, letter: string | undefined) => {
    if (single !== undefined) return single
    return double === undefined ? unescape(letter ?? '') : double.replace(/\\([\s\S])/g, (_whole, each: string) => unescape(each))
  })
}

function unescape(letter: string): string {
  return { n: '\n', t: '\t', s: ' ', r: '\r', '\\': '\\', '"': '"', "'": "'" }[letter] ?? `\\${letter}`
}

/** `${NAME}` anywhere gives one word, `$NAME` as a whole word is split into words. */
export function expandVariables(argv: readonly string[], env: ReadonlyMap<string, string>): string[] {
  const out: string[] = []
  for (const word of argv) {
    const whole = /^\$([A-Za-z_][A-Za-z0-9_]*)$/.exec(word)
    if (whole) {
      out.push(...(splitWords(env.get(whole[1] as string) ?? '') ?? []))
      continue
    }
    out.push(word.replace(/\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)/g, (text, braced: string | undefined) => (text === '$$' ? '$' : braced === undefined ? text : (env.get(braced) ?? ''))))
  }
  return out
}

/** Assignments of Environment= and lines of an EnvironmentFile=. */
export function parseAssignments(text: string): [string, string][] {
  return (splitWords(text) ?? []).flatMap((word): [string, string][] => {
    const equals = word.indexOf('=')
    return equals > 0 ? [[word.slice(0, equals), word.slice(equals + 1)]] : []
  })
}

export function parseEnvironmentFile(text: string): [string, string][] {
  const out: [string, string][] = []
  for (const line of text.replace(/\\\n/g, '').split('\n')) {
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('#') || trimmed.startsWith(';')) continue
    const equals = trimmed.indexOf('=')
    if (equals <= 0) continue
    out.push([trimmed.slice(0, equals).trim(), unquote(trimmed.slice(equals + 1).trim())])
  }
  return out
}

function unquote(value: string): string {
  const first = value.charAt(0)
  if ((first === '"' || first === "'") && value.endsWith(first) && value.length > 1) return first === '"' ? value.slice(1, -1).replace(/\\(["\\$`])/g, '$1') : value.slice(1, -1)
  return value.replace(/\\(.)/g, '$1')
}
