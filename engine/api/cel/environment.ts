/** The environment of Kubernetes' CEL: standard functions and the lists, regex, quantity, IP, CIDR, URL and semver libraries. */
import { Environment } from '@marcbachmann/cel-js'
import { RE2JS } from 're2js'
import { limitCost } from './budget'
import { compareQuantities, isWhole, parseQuantity, quantityValue, addQuantities, subtractQuantities, tryQuantity, type Quantity } from '#engine/api/quantity'

class CelQuantity {
  constructor(readonly value: Quantity) {}
}

class CelUrl {
  constructor(readonly url: URL) {}
}

const environments = new Map<string, Environment>()

export function celEnvironment(variables: readonly string[]): Environment {
  const key = variables.join(',')
  let environment = environments.get(key)
  if (!environment) {
    environment = base()
    for (const name of variables) environment.registerVariable(name, 'dyn')
    environments.set(key, environment)
  }
  return environment
}

function base(): Environment {
  const environment = new Environment({ unlistedVariablesAreDyn: false, homogeneousAggregateLiterals: false, enableOptionalTypes: true })
  for (const add of [lists, strings, quantities, urls, addresses]) add(environment)
  limitCost(environment)
  return environment
}

/** Registers what the library does not have by itself. */
function register(environment: Environment, signature: string, run: (...args: never[]) => unknown): void {
  try {
    environment.registerFunction(signature, run as never)
  } catch {
    // The library brings a function of this signature along.
  }
}

type Comparable = string | bigint | number

function lists(environment: Environment): void {
  const less = (a: Comparable, b: Comparable): boolean => a < b
  register(environment, 'list.isSorted(): bool', (list: Comparable[]) => list.every((item, index) => index === 0 || !less(item, list[index - 1] as Comparable)))
  register(environment, 'list.sum(): dyn', (list: (bigint | number)[]) => list.reduce<bigint | number>((total, item) => (typeof item === 'bigint' && typeof total === 'bigint' ? total + item : Number(total) + Number(item)), typeof list[0] === 'number' ? 0 : 0n))
  register(environment, 'list.min(): dyn', (list: Comparable[]) => extreme(list, less, 'min'))
  register(environment, 'list.max(): dyn', (list: Comparable[]) => extreme(list, (a, b) => less(b, a), 'max'))
  register(environment, 'list.indexOf(dyn): int', (list: unknown[], item: unknown) => BigInt(list.indexOf(item)))
  register(environment, 'list.lastIndexOf(dyn): int', (list: unknown[], item: unknown) => BigInt(list.lastIndexOf(item)))
  register(environment, 'list.distinct(): list', (list: unknown[]) => [...new Set(list)])
}

function extreme(list: Comparable[], before: (a: Comparable, b: Comparable) => boolean, name: string): Comparable {
  if (list.length === 0) throw new Error(`${name} called on empty list`)
  return list.reduce((best, item) => (before(item, best) ? item : best))
}

function strings(environment: Environment): void {
  register(environment, 'string.find(string): string', (text: string, pattern: string) => {
    const matcher = RE2JS.compile(pattern).matcher(text)
    return matcher.find() ? (matcher.group() ?? '') : ''
  })
  register(environment, 'string.findAll(string): list<string>', (text: string, pattern: string) => {
    const matcher = RE2JS.compile(pattern).matcher(text)
    const out: string[] = []
    while (matcher.find()) out.push(matcher.group() ?? '')
    return out
  })
  register(environment, 'string.charAt(int): string', (text: string, at: bigint) => text.charAt(Number(at)))
  register(environment, 'string.lowerAscii(): string', (text: string) => text.toLowerCase())
  register(environment, 'string.upperAscii(): string', (text: string) => text.toUpperCase())
  register(environment, 'string.trim(): string', (text: string) => text.trim())
  register(environment, 'string.replace(string, string): string', (text: string, from: string, to: string) => text.replaceAll(from, to))
  register(environment, 'string.split(string): list<string>', (text: string, by: string) => text.split(by))
  register(environment, 'string.substring(int): string', (text: string, from: bigint) => text.slice(Number(from)))
  register(environment, 'string.substring(int, int): string', (text: string, from: bigint, to: bigint) => text.slice(Number(from), Number(to)))
  register(environment, 'string.indexOf(string): int', (text: string, part: string) => BigInt(text.indexOf(part)))
  register(environment, 'string.lastIndexOf(string): int', (text: string, part: string) => BigInt(text.lastIndexOf(part)))
  register(environment, 'list.join(): string', (list: string[]) => list.join(''))
  register(environment, 'list.join(string): string', (list: string[], by: string) => list.join(by))
}

function quantities(environment: Environment): void {
  environment.registerType('kubernetes.Quantity', CelQuantity)
  const q = 'kubernetes.Quantity'
  register(environment, `quantity(string): ${q}`, (text: string) => new CelQuantity(parseQuantity(text)))
  register(environment, 'isQuantity(string): bool', (text: string) => tryQuantity(text) !== undefined)
  const compare = (a: CelQuantity, b: CelQuantity): number => compareQuantities(a.value, b.value)
  register(environment, `${q}.isGreaterThan(${q}): bool`, (a: CelQuantity, b: CelQuantity) => compare(a, b) > 0)
  register(environment, `${q}.isLessThan(${q}): bool`, (a: CelQuantity, b: CelQuantity) => compare(a, b) < 0)
  register(environment, `${q}.compareTo(${q}): int`, (a: CelQuantity, b: CelQuantity) => BigInt(Math.sign(compare(a, b))))
  register(environment, `${q}.asInteger(): int`, (a: CelQuantity) => BigInt(quantityValue(a.value)))
  register(environment, `${q}.isInteger(): bool`, (a: CelQuantity) => isWhole(a.value))
  register(environment, `${q}.asApproximateFloat(): double`, (a: CelQuantity) => Number(a.value.nano) / 1e9)
  register(environment, `${q}.sign(): int`, (a: CelQuantity) => (a.value.nano > 0n ? 1n : a.value.nano < 0n ? -1n : 0n))
  register(environment, `${q}.add(${q}): ${q}`, (a: CelQuantity, b: CelQuantity) => new CelQuantity(addQuantities(a.value, b.value)))
  register(environment, `${q}.sub(${q}): ${q}`, (a: CelQuantity, b: CelQuantity) => new CelQuantity(subtractQuantities(a.value, b.value)))
}

function urls(environment: Environment): void {
  environment.registerType('kubernetes.URL', CelUrl)
  const u = 'kubernetes.URL'
  register(environment, `url(string): ${u}`, (text: string) => new CelUrl(new URL(text)))
  register(environment, 'isURL(string): bool', (text: string) => URL.canParse(text) || /^\/[^\s]*$/.test(text))
  register(environment, `${u}.getScheme(): string`, ({ url }: CelUrl) => url.protocol.replace(/:$/, ''))
  register(environment, `${u}.getHost(): string`, ({ url }: CelUrl) => url.host)
  register(environment, `${u}.getHostname(): string`, ({ url }: CelUrl) => url.hostname)
  register(environment, `${u}.getPort(): string`, ({ url }: CelUrl) => url.port)
  register(environment, `${u}.getEscapedPath(): string`, ({ url }: CelUrl) => url.pathname)
}

function addresses(environment: Environment): void {
  const isV4 = (text: string): boolean => /^(?:\d{1,3}\.){3}\d{1,3}$/.test(text) && text.split('.').every((part) => Number(part) < 256)
  const isV6 = (text: string): boolean => text.includes(':') && /^[0-9a-fA-F:.]+$/.test(text)
  const isAddress = (text: string): boolean => isV4(text) || isV6(text)
  register(environment, 'isIP(string): bool', isAddress)
  register(environment, 'isCIDR(string): bool', (text: string) => {
    const [address = '', bits = ''] = text.split('/')
    return isAddress(address) && /^\d+$/.test(bits) && Number(bits) <= (isV4(address) ? 32 : 128)
  })
}
