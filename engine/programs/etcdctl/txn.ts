/** `etcdctl txn`: comparisons, then what is done where they hold, then what else; blank lines part the three. */
import type { Compare, Operation, OperationResponse } from '#engine/etcd/api'
import { decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { bool } from '#engine/programs/common/cobra/flags'
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { call, endpoints, EtcdctlError, type Endpoint } from './connection'
import { prefixEnd } from './ranges'

export const txnCommand: Command = { use: 'txn [options]', short: 'Txn processes all the requests in one transaction', flags: [bool('interactive,i', 'Input transaction in interactive mode')], run: txn }

async function txn(invocation: Invocation): Promise<number> {
  const { process, args, flags } = invocation
  if (args.length > 0) throw new EtcdctlError('txn command does not accept argument', 128)
  const interactive = flags.bool('interactive')
  const lines = decodeUtf8(await process.stdin.readAll()).split('\n')
  const section = async (title: string): Promise<string[]> => {
    if (interactive) await process.stdout.write(`${title}\n`)
    const end = lines.findIndex((line) => line.trim() === '')
    const taken = lines.splice(0, (end < 0 ? lines.length : end) + 1).filter((line) => line.trim() !== '')
    if (interactive) await process.stdout.write('\n')
    return taken
  }
  const compare = (await section('compares:')).map(comparison)
  const success = (await section('success requests (get, put, del):')).map(operation)
  const failure = (await section('failure requests (get, put, del):')).map(operation)
  const answer = await call(invocation, endpoints(invocation)[0] as Endpoint, 'KV/Txn', (client) => client.txn({ compare, success, failure }))
  await process.stdout.write(answer.succeeded ? 'SUCCESS\n' : 'FAILURE\n')
  for (const response of answer.responses) await process.stdout.write(`\n${shown(response)}`)
  return 0
}

const targets: Readonly<Record<string, Compare['target']>> = { ver: 'version', version: 'version', c: 'create', create: 'create', m: 'mod', mod: 'mod', val: 'value', value: 'value', lease: 'lease' }

/** `mod("key1") > "0"`. */
function comparison(line: string): Compare {
  const match = /^\s*(\w+)\s*\(\s*("(?:[^"\\]|\\.)*")\s*\)\s*(=|!=|<|>)\s*("(?:[^"\\]|\\.)*"|\S+)\s*$/.exec(line)
  const target = targets[match?.[1] ?? '']
  if (!match) throw new EtcdctlError(`malformed comparison: ${line}`, 128)
  if (target === undefined) throw new EtcdctlError(`malformed comparison: unknown target ${match[1] ?? ''}`, 128)
  const text = unquoted(match[4] ?? '')
  if (target !== 'value' && !/^-?\d+$/.test(text)) throw new EtcdctlError(`malformed comparison: strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`, 128)
  return { key: unquoted(match[2] ?? ''), target, result: match[3] as Compare['result'], operand: target === 'value' ? text : Number(text) }
}

function operation(line: string): Operation {
  const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
  const [verb = '', ...rest] = words
  const options = rest.filter((word) => word.startsWith('--'))
  const [key, second] = rest.filter((word) => !word.startsWith('--'))
  if (!['get', 'put', 'del'].includes(verb)) throw new EtcdctlError(`invalid txn request: unknown command ${JSON.stringify(verb)} for "txn request"`, 128)
  if (key === undefined || (verb === 'put' && second === undefined)) throw new EtcdctlError(`invalid txn request: ${line}`, 128)
  if (verb === 'put') return { put: { key, value: { bytes: encodeUtf8(second ?? '') } } }
  const end = options.includes('--prefix') ? prefixEnd(key) : options.includes('--from-key') ? '\0' : second
  const range = { key, ...(end === undefined ? {} : { rangeEnd: end }) }
  return verb === 'get' ? { range } : { deleteRange: range }
}

function unquoted(text: string): string {
  return text.startsWith('"') ? (JSON.parse(text) as string) : text
}

function shown(response: OperationResponse): string {
  if ('put' in response) return 'OK\n'
  if ('deleteRange' in response) return `${response.deleteRange.deleted}\n`
  return 'range' in response ? response.range.kvs.map((kv) => `${kv.key}\n${decodeUtf8(kv.value.bytes)}\n`).join('') : ''
}
