/** etcdctl get, put, del, watch and compaction. */
import type { RangeRequest } from '#engine/etcd/api'
import { decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { bool, int64, string } from '#engine/programs/common/cobra/flags'
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { call, endpoints, EtcdctlError, type Endpoint } from './connection'
import { formatOf, printPairs } from './output'
import { prefixEnd } from './ranges'
import { txnCommand } from './txn'

export const keyCommands: readonly Command[] = [
  {
    use: 'get [options] <key> [range_end]',
    short: 'Gets the key or a range of keys',
    flags: [
      string('consistency', 'Linearizable(l) or Serializable(s)', { default: 'l' }), bool('count-only', 'Get only the count'), bool('from-key', 'Get keys that are greater than or equal to the given key using byte compare'),
      bool('keys-only', 'Get only the keys'), int64('limit', 'Maximum number of results'), string('order', 'Order of results; ASCEND or DESCEND (ASCEND by default)'), bool('prefix', 'Get keys with matching prefix'),
      bool('print-value-only', 'Only write values when using the "simple" output format'), int64('rev', 'Specify the kv revision'), string('sort-by', 'Sort target; CREATE, KEY, MODIFY, VALUE, or VERSION'),
    ],
    run: get,
  },
  {
    use: 'put [options] <key> <value> (<value> can also be given from stdin)',
    short: 'Puts the given key into the store',
    flags: [bool('ignore-lease', 'updates the key using its current lease'), bool('ignore-value', 'updates the key using its current value'), string('lease', 'lease ID (in hexadecimal) to attach to the key', { default: '0' }), bool('prev-kv', 'return the previous key-value pair before modification')],
    run: put,
  },
  { use: 'del [options] <key> [range_end]', short: 'Removes the specified key or range of keys [key, range_end)', flags: [bool('from-key', 'delete keys that are greater than or equal to the given key using byte compare'), bool('prefix', 'delete keys with matching prefix'), bool('prev-kv', 'return deleted key-value pairs'), bool('range', 'delete range of keys')], run: remove },
  { use: 'watch [options] [key or prefix] [range_end]', short: 'Watches events stream on keys or prefixes', flags: [bool('prefix', 'Watch on a prefix if prefix is set'), bool('prev-kv', 'get the previous key-value pair before the event happens'), int64('rev', 'Revision to start watching'), bool('progress-notify', 'get periodic watch progress notification from server')], run: watch },
  { use: 'compaction [options] <revision>', short: 'Compacts the event history in etcd', flags: [bool('physical', '\'true\' to wait for compaction to physically remove all old revisions')], run: compaction },
  txnCommand,
]

function first(invocation: Invocation): Endpoint {
  const endpoint = endpoints(invocation)[0]
  if (!endpoint) throw new EtcdctlError('no endpoints provided', 128)
  return endpoint
}

function rangeOf({ args, flags }: Invocation, command: string): { key: string; rangeEnd?: string } {
  const [key, end] = args
  if (key === undefined) throw new EtcdctlError(`${command} command needs one argument as key and an optional argument as range_end`, 128)
  if (args.length > 2) throw new EtcdctlError(`${command} command needs one argument as key and an optional argument as range_end`, 128)
  if (flags.bool('prefix') && flags.bool('from-key')) throw new EtcdctlError('`--prefix` and `--from-key` cannot be set at the same time, choose one', 128)
  if (flags.bool('prefix')) return { key: key === '' ? '\0' : key, rangeEnd: prefixEnd(key) }
  if (flags.bool('from-key')) return { key: key === '' ? '\0' : key, rangeEnd: '\0' }
  return end === undefined ? { key } : { key, rangeEnd: end }
}

const sortTargets: Readonly<Record<string, NonNullable<RangeRequest['sort']>['target']>> = { CREATE: 'create', KEY: 'key', MODIFY: 'mod', VALUE: 'value', VERSION: 'version' }

async function get(invocation: Invocation): Promise<number> {
  const { process, flags } = invocation
  if (flags.bool('keys-only') && flags.bool('count-only')) throw new EtcdctlError('`--keys-only` and `--count-only` cannot be set at the same time, choose one', 128)
  const target = sortTargets[flags.string('sort-by').toUpperCase()]
  const order = flags.string('order').toUpperCase() === 'DESCEND' ? 'descend' : 'ascend'
  const sorted = flags.string('order') !== '' || flags.string('sort-by') !== ''
  const response = await call(invocation, first(invocation), 'KV/Range', (client) => client.range({
    ...rangeOf(invocation, 'get'),
    keysOnly: flags.bool('keys-only'),
    countOnly: flags.bool('count-only'),
    limit: flags.number('limit'),
    revision: flags.number('rev'),
    ...(sorted ? { sort: { target: target ?? 'key', order } } : {}),
  }))
  const format = formatOf(flags.string('write-out'))
  const header = { cluster_id: BigInt(`0x${response.header.clusterId}`).toString(), member_id: BigInt(`0x${response.header.memberId}`).toString(), revision: response.header.revision, raft_term: response.header.raftTerm }
  await printPairs(process, response.kvs, { format, valueOnly: flags.bool('print-value-only'), keysOnly: flags.bool('keys-only'), hex: flags.bool('hex'), header, count: response.count })
  return 0
}

async function put(invocation: Invocation): Promise<number> {
  const { process, args, flags } = invocation
  const [key, given] = args
  if (key === undefined) throw new EtcdctlError('put command needs 1 argument and input from stdin or 2 arguments', 128)
  const value = given === undefined ? await process.stdin.readAll() : encodeUtf8(given)
  const lease = Number.parseInt(flags.string('lease'), 16)
  const response = await call(invocation, first(invocation), 'KV/Put', (client) => client.put({ key, value: { bytes: value }, ...(lease > 0 ? { lease } : {}), previous: flags.bool('prev-kv') }))
  await process.stdout.write('OK\n')
  if (response.previous) await process.stdout.write(`${response.previous.key}\n${decodeUtf8(response.previous.value.bytes)}\n`)
  return 0
}

async function remove(invocation: Invocation): Promise<number> {
  const { process, flags } = invocation
  const response = await call(invocation, first(invocation), 'KV/DeleteRange', (client) => client.deleteRange({ ...rangeOf(invocation, 'del'), previous: flags.bool('prev-kv') }))
  await process.stdout.write(`${response.deleted}\n`)
  for (const kv of response.previous) await process.stdout.write(`${kv.key}\n${decodeUtf8(kv.value.bytes)}\n`)
  return 0
}

async function watch(invocation: Invocation): Promise<number> {
  const { process, args, flags } = invocation
  const [key, end] = args
  if (key === undefined) throw new EtcdctlError('watch in non-interactive mode requires an argument as key or prefix', 128)
  const rangeEnd = flags.bool('prefix') ? prefixEnd(key) : end
  const start = flags.number('rev')
  const { client } = first(invocation)
  for await (const response of client.watch({ key, ...(rangeEnd === undefined ? {} : { rangeEnd }), ...(start > 0 ? { startRevision: start } : {}), previous: flags.bool('prev-kv') }, process.dying)) {
    if (response.compactRevision !== undefined) throw new EtcdctlError(`watch was canceled (etcdserver: mvcc: required revision has been compacted)`, 1)
    for (const event of response.events) {
      await process.stdout.write(`${event.type.toUpperCase()}\n`)
      if (flags.bool('prev-kv') && event.previous) await process.stdout.write(`${event.previous.key}\n${decodeUtf8(event.previous.value.bytes)}\n`)
      await process.stdout.write(`${event.kv.key}\n${event.type === 'put' ? `${decodeUtf8(event.kv.value.bytes)}\n` : '\n'}`)
    }
  }
  return 0
}

async function compaction(invocation: Invocation): Promise<number> {
  const revision = Number(invocation.args[0])
  if (!Number.isInteger(revision)) throw new EtcdctlError('compaction command needs 1 argument', 128)
  await call(invocation, first(invocation), 'KV/Compact', (client) => client.compact(revision))
  await invocation.process.stdout.write(`compacted revision ${revision}\n`)
  return 0
}
