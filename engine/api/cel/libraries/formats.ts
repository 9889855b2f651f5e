/** Named formats: `format.dns1123Label().validate(name)` gives what is wrong, or nothing. */
import { Optional, type Environment } from '@marcbachmann/cel-js'
import { asPrefix, dns1035Label, dnsLabel, dnsSubdomain, labelValue, qualifiedName, type Check } from '#engine/api/validation/names'
import { register, registerEquality, registerNamespace } from './register'

class CelFormat {
  constructor(
    readonly name: string,
    readonly check: Check,
  ) {}
}

const f = 'kubernetes.NamedFormat'
const matching = (test: RegExp, problem: string): Check => (value) => (test.test(value) ? [] : [problem])

const named: readonly CelFormat[] = [
  new CelFormat('dns1123Label', dnsLabel),
  new CelFormat('dns1123Subdomain', dnsSubdomain),
  new CelFormat('dns1035Label', dns1035Label),
  new CelFormat('qualifiedName', qualifiedName),
  new CelFormat('dns1123LabelPrefix', asPrefix(dnsLabel)),
  new CelFormat('dns1123SubdomainPrefix', asPrefix(dnsSubdomain)),
  new CelFormat('dns1035LabelPrefix', asPrefix(dns1035Label)),
  new CelFormat('labelValue', labelValue),
  new CelFormat('uri', (value) => (/^(?:[A-Za-z][A-Za-z0-9+.-]*:|\/)\S*$/.test(value) ? [] : [`parse ${JSON.stringify(value)}: invalid URI for request`])),
  new CelFormat('uuid', matching(/^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i, 'does not match the UUID format')),
  new CelFormat('byte', matching(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, 'invalid base64')),
  new CelFormat('date', (value) => (/^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value)) ? [] : ['invalid date'])),
  new CelFormat('datetime', (value) => (/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d)$/.test(value) ? [] : ['invalid datetime'])),
]

export function formats(environment: Environment): void {
  environment.registerType(f, CelFormat)
  registerEquality(environment, f, (a: CelFormat, b: CelFormat) => a.name === b.name)
  const functions: Record<string, (...args: never[]) => unknown> = {
    [`named(string): optional<${f}>`]: (name: string) => {
      const format = named.find((item) => item.name === name)
      return format ? Optional.of(format) : Optional.none()
    },
  }
  for (const format of named) functions[`${format.name}(): ${f}`] = () => format
  registerNamespace(environment, 'format', functions)
  register(environment, `${f}.validate(string): optional<list<string>>`, (format: CelFormat, value: string) => {
    const problems = format.check(value)
    return problems.length > 0 ? Optional.of([...problems]) : Optional.none()
  })
}
