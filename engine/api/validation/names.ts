/**
 * What the parts of names may look like. Each check gives the complaints about a value, none when it is fine; the words are
 * those of apimachinery's `util/validation`.
 */
export type Check = (value: string) => readonly string[]

export const fine: readonly string[] = []

const encoder = new TextEncoder()

/** Lengths are of bytes, as in Go. */
export function byteLength(value: string): number {
  for (let index = 0; index < value.length; index++) if (value.charCodeAt(index) > 127) return encoder.encode(value).length
  return value.length
}

function pattern(message: string, format: string, ...examples: string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${format}')`
  return `${message} (e.g. ${examples.map((item) => `'${item}', `).join(' or ')}regex used for validation is '${format}')`
}

export const tooManyCharacters = (max: number): string => `must be no more than ${max} characters`
const tooManyBytes = (max: number): string => `must be no more than ${max} bytes`
export const between = (low: number, high: number): string => `must be between ${low} and ${high}, inclusive`

/** A check of length and pattern, for values that nearly always pass. */
function matches(expression: RegExp, max: number, long: string, wrong: string): Check {
  return (value) => {
    const right = expression.test(value)
    if (right && value.length <= max) return fine
    const complaints: string[] = []
    if (byteLength(value) > max) complaints.push(long)
    if (!right) complaints.push(wrong)
    return complaints
  }
}

const labelFormat = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomainFormat = `${labelFormat}(\\.${labelFormat})*`
const labelMessage = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character"
const subdomainMessage = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"

const labelPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const labelWords = pattern(labelMessage, labelFormat, 'my-name', '123-abc')
const subdomainPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

export const dnsLabel: Check = (value) => {
  const right = labelPattern.test(value)
  if (right && value.length <= 63) return fine
  const complaints: string[] = []
  if (byteLength(value) > 63) complaints.push(tooManyCharacters(63))
  if (!right) complaints.push(subdomainPattern.test(value) ? 'must not contain dots' : labelWords)
  return complaints
}
export const dnsSubdomain: Check = matches(subdomainPattern, 253, tooManyCharacters(253), pattern(subdomainMessage, subdomainFormat, 'example.com'))

const underscoreLabel = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
export const dnsSubdomainWithUnderscore: Check = matches(
  /^_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*$/, 253, tooManyCharacters(253),
  pattern("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character", `${underscoreLabel}(\\.${underscoreLabel})*`, 'example.com'),
)
export const wildcardSubdomain: Check = matches(
  /^\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, 253, tooManyCharacters(253),
  pattern("a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character", `\\*\\.${subdomainFormat}`, '*.example.com'),
)
export const dns1035Label: Check = matches(
  /^[a-z]([-a-z0-9]*[a-z0-9])?$/, 63, tooManyCharacters(63),
  pattern("a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character", '[a-z]([-a-z0-9]*[a-z0-9])?', 'my-name', 'abc-123'),
)

const keyFormat = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const keyPattern = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const keyWords = pattern("must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character", keyFormat, 'MyName', 'my.name', '123-abc')

/** A label key: a name with an optional DNS subdomain before a slash. */
export const qualifiedName: Check = (value) => {
  const parts = value.split('/')
  if (parts.length > 2) return [`a valid label key ${keyWords} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  const complaints: string[] = []
  if (parts.length === 2) {
    if (parts[0] === '') complaints.push('prefix part must be non-empty')
    else for (const complaint of dnsSubdomain(parts[0] ?? '')) complaints.push(`prefix part ${complaint}`)
  }
  const name = parts.at(-1) ?? ''
  if (name === '') complaints.push('name part must be non-empty')
  else if (byteLength(name) > 63) complaints.push(`name part ${tooManyBytes(63)}`)
  if (!keyPattern.test(name)) complaints.push(`name part ${keyWords}`)
  return complaints
}

export const labelValue: Check = matches(
  /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/, 63, tooManyBytes(63),
  pattern("a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character", `(${keyFormat})?`, 'MyValue', 'my_value', '12345'),
)

const pathWords = ['/', '%']

/** Anything that can be one segment of a URL: names of RBAC objects. */
export const pathSegment: Check = (value) => {
  if (value === '.' || value === '..') return [`may not be '${value}'`]
  return pathWords.filter((word) => value.includes(word)).map((word) => `may not contain '${word}'`)
}

export const portName: Check = (value) => {
  const complaints: string[] = []
  if (byteLength(value) > 15) complaints.push(tooManyCharacters(15))
  if (!/^[-a-z0-9]+$/.test(value)) complaints.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(value)) complaints.push('must contain at least one letter (a-z)')
  if (value.includes('--')) complaints.push('must not contain consecutive hyphens')
  if (value.startsWith('-') || (value !== '' && value.endsWith('-'))) complaints.push('must not begin or end with a hyphen')
  return complaints
}

export function portNumber(port: number): readonly string[] {
  return port >= 1 && port <= 65535 ? fine : [between(1, 65535)]
}

const percentWords = pattern("a valid percent string must be a numeric string followed by an ending '%'", '[0-9]+%', '1%', '93%')
export const percent: Check = (value) => (/^[0-9]+%$/.test(value) ? fine : [percentWords])

const headerWords = pattern("a valid HTTP header must consist of alphanumeric characters or '-'", '[-A-Za-z0-9]+', 'X-Header-Name')
export const httpHeaderName: Check = (value) => (/^[-A-Za-z0-9]+$/.test(value) ? fine : [headerWords])

export const environmentName: Check = (value) => {
  if (value === '') return ['environment variable name must be non-empty']
  return /^[ -<>-~]+$/.test(value) ? fine : ["a valid environment variable name must consist only of printable ASCII characters other than '='"]
}

const identifierFormat = '[A-Za-z_][A-Za-z0-9_]*'
const identifierWords = pattern("a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'", identifierFormat, 'my_name', 'MY_NAME', 'MyName')
export const cIdentifier: Check = (value) => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(value) ? fine : [identifierWords])

const configKeyWords = pattern("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", '[-._a-zA-Z0-9]+', 'key.name', 'KEY_NAME', 'key-name')
export const configMapKey: Check = (value) => {
  const complaints: string[] = []
  if (byteLength(value) > 253) complaints.push(tooManyCharacters(253))
  if (!/^[-._a-zA-Z0-9]+$/.test(value)) complaints.push(configKeyWords)
  if (value === '.') complaints.push("must not be '.'")
  else if (value === '..') complaints.push("must not be '..'")
  else if (value.startsWith('..')) complaints.push("must not start with '..'")
  return complaints
}

/** A name that is only the beginning of one: what follows a trailing dash is still to come. */
export function asPrefix(check: Check): Check {
  return (value) => check(value.length > 1 && value.endsWith('-') ? `${value.slice(0, -2)}a` : value)
}
