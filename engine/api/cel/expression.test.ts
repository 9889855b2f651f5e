import { describe, expect, it } from 'vitest'
import { compileCel } from './expression'
import { CelAuthorizer } from './libraries/authorizer'

describe('an expression', () => {
  it('of loops within loops is cancelled when it has cost too much', () => {
    const list = '[1,2,3,4,5,6,7,8,9,10]'
    const bomb = [...'abcdefgh'].reduceRight((inner, name) => `${list}.all(${name}, ${inner})`, 'a + b + c + d + e + f + g + h > 0')
    expect(() => compileCel(bomb, []).run({})).toThrow('operation cancelled: actual cost limit exceeded')
    const swallowed = [...'abcdefgh'].reduceRight((inner, name) => `${list}.exists(${name}, ${inner})`, 'a + b + c + d + e + f + g + h < 0')
    expect(() => compileCel(`${swallowed} || true`, []).run({})).toThrow('operation cancelled: actual cost limit exceeded')
    expect(compileCel('self.list.map(x, x * 2).exists(y, y == 4)', ['self']).run({ self: { list: [1, 2] } })).toBe(true)
  })

  it.each([
    "ip('192.168.0.1').family() == 4 && ip('::1').isLoopback() && ip.isCanonical('127.0.0.1') && !isIP('010.0.0.1')",
    "cidr('192.168.0.0/24').containsIP('192.168.0.7') && cidr('10.0.0.0/8').ip() == ip('10.0.0.0') && cidr('10.0.0.7/8').masked() == cidr('10.0.0.0/8')",
    "semver('1.2.3-rc.1').isLessThan(semver('1.2.3')) && semver('v1.2', true).compareTo(semver('1.2.0')) == 0 && semver('1.2.3').minor() == 2",
    "sets.contains([1, 2], [1]) && sets.equivalent([1, 2], [2, 1, 1]) && !sets.intersects([1], [2])",
    "!format.dns1123Label().validate('a-b').hasValue() && format.dns1123Label().validate('A_b').hasValue() && format.named('uuid').hasValue()",
    "'%s is %d of %.1f%%'.format(['a', 1, 2.5]) == 'a is 1 of 2.5%' && '%x'.format([255]) == 'ff'",
    "'aaa'.replace('a', 'b', 2) == 'bba' && 'abc'.reverse() == 'cba' && 'a1b2'.findAll('[0-9]', 1) == ['1'] && strings.quote('a') == '\"a\"'",
    "quantity('1Gi') == quantity('1024Mi') && quantity('1').add(2).asInteger() == 3 && string(quantity('1024Mi')) == '1Gi'",
    "url('https://a.b:80/p?x=1').getQuery()['x'] == ['1'] && url('https://a.b:80/p').getPort() == '80' && !isURL('a b')",
    "{'a': 1}.transformMap(k, v, v + 1) == {'a': 2} && [3, 4].transformList(i, v, i > 0, i + v) == [5] && {'a': 1}.transformMapEntry(k, v, {k + 'x': v}) == {'ax': 1}",
    "[1, 2].all(i, v, v > i) && {'a': 1}.exists(k, v, k == 'a' && v == 1) && [1].existsOne(i, v, v == 1)",
    "[1, 2].exists(i, v, 1 / i == 1) && ![0, 1].all(i, v, v / i == 7 || i == 5)",
    "{?'a': optional.of(1), ?'b': optional.none()} == {'a': 1} && [?optional.none(), 1] == [1] && {'a': [1]}[?'a'][?0].orValue(0) == 1",
    "optional.of({'a': 1}).optMap(x, x.a).value() == 1 && optional.of(1).optFlatMap(x, optional.none()).hasValue() == false",
    "Object.spec{replicas: 1, ?paused: optional.none()} == {'replicas': 1} && jsonpatch.escapeKey('a/b~c') == 'a~1b~0c'",
    "'a{b' + '[?c' == 'a{b[?c' && 'x' in {'x': 1} && (true ? {'a': 1} : {}) == {'a': 1}",
    "string(duration('1h')) == '3600s' && string(timestamp('2020-01-01T00:00:00Z')) == '2020-01-01T00:00:00Z'",
  ])('finds the libraries of Kubernetes: %s', (expression) => {
    expect(compileCel(expression, []).run({})).toBe(true)
  })

  it.each([
    ['[1][2] == 1', 'index out of bounds: 2'],
    ["{'a': 1}['b'] == 1", 'no such key: b'],
    ['9223372036854775807 + 1 == 0', 'integer overflow'],
    ["int('x') == 1", "type conversion error from 'string' to 'int'"],
    ["dyn('a') + 1 == 2", 'no such overload'],
    ['1 % 0 == 1', 'modulus by zero'],
    ["ip('x') == ip('x')", 'IP Address "x" parse error during conversion from string: ParseAddr("x"): unable to parse IP'],
  ])('fails in the words of the evaluator: %s', (expression, words) => {
    expect(() => compileCel(expression, []).run({})).toThrow(words)
  })

  it('asks the authorizer', () => {
    const asked: unknown[] = []
    const authorizer = new CelAuthorizer((question) => {
      asked.push(question)
      return { allowed: question.verb === 'get', reason: 'because' }
    }, { group: '', resource: 'pods', name: 'a' })
    const run = (expression: string): unknown => compileCel(expression, ['authorizer']).run({ authorizer })
    expect(run("authorizer.group('apps').resource('deployments').subresource('status').namespace('n').name('x').check('get').allowed()")).toBe(true)
    expect(run("authorizer.requestResource.check('create').allowed()")).toBe(false)
    expect(run("authorizer.serviceAccount('n', 's').path('/healthz').check('get').reason()")).toBe('because')
    expect(asked).toEqual([
      { group: 'apps', resource: 'deployments', subresource: 'status', namespace: 'n', name: 'x', verb: 'get' },
      { group: '', resource: 'pods', name: 'a', verb: 'create' },
      { path: '/healthz', serviceAccount: { namespace: 'n', name: 's' }, verb: 'get' },
    ])
  })
})
