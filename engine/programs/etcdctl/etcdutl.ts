/** etcdutl: status and restore of snapshot files, without a server. */
import { clusterIdOf, initialMembers } from '#engine/etcd/cluster/identity'
import { decodeSnapshot, encodeSnapshot, type SnapshotContent } from '#engine/etcd/snapshot'
import type { Process } from '#engine/linux/abi/process'
import { bool, int64, string } from '#engine/programs/common/cobra/flags'
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { ZapLog } from '#engine/programs/common/zap'
import { EtcdctlError } from './connection'
import { formatOf, humanBytes, table } from './output'

export const etcdutlCommand: Command = {
  use: 'etcdutl',
  short: 'An administrative command line tool for etcd3.',
  persistentFlags: [string('write-out,w', 'set the output format (fields, json, protobuf, simple, table)', { default: 'simple' })],
  commands: [
    {
      use: 'snapshot',
      short: 'Manages etcd node snapshots',
      commands: [
        { use: 'status <filename>', short: 'Gets backend snapshot status of a given file', run: status },
        {
          use: 'restore <filename> --data-dir {output dir} [options]',
          short: 'Restores an etcd member snapshot to an etcd directory',
          flags: [
            string('data-dir', 'Path to the output data directory'), string('initial-advertise-peer-urls', 'List of this member\'s peer URLs to advertise to the rest of the cluster', { default: 'http://localhost:2380' }),
            string('initial-cluster', 'Initial cluster configuration for restore bootstrap', { default: 'default=http://localhost:2380' }), string('initial-cluster-token', 'Initial cluster token for the etcd cluster during restore bootstrap', { default: 'etcd-cluster' }),
            string('name', 'Human-readable name for this member', { default: 'default' }), bool('skip-hash-check', 'Ignore snapshot integrity hash value'), string('wal-dir', 'Path to the WAL directory (use --data-dir if none given)'),
            int64('bump-revision', 'How much to increase the latest revision after restore'), bool('mark-compacted', 'Mark the latest revision after restore as the point of scheduled compaction'),
          ],
          run: restore,
        },
      ],
    },
    { use: 'version', short: 'Prints the version of etcdutl', run: ({ process }) => say(process, 'etcdutl version: 3.6.6\nAPI version: 3.6\n') },
    { use: 'defrag', short: 'Defragments the storage of the etcd', flags: [string('data-dir', 'Required. Defragments a data directory not in use by etcd.', { required: true })], run: defragment },
    { use: 'hashkv <filename>', short: 'Prints the KV history hash of a given file', flags: [int64('rev', 'maximum revision to hash (default: latest revision)')], run: hashKv },
  ],
}

async function say(process: Process, text: string): Promise<number> {
  await process.stdout.write(text)
  return 0
}

function load({ process }: Invocation, path: string | undefined): { content: SnapshotContent; size: number } {
  if (path === undefined) throw new EtcdctlError('snapshot command needs 1 argument', 128)
  if (!process.files.exists(path)) throw new EtcdctlError(`stat ${path}: no such file or directory`, 1)
  const bytes = process.files.readFile(path)
  try {
    return { content: decodeSnapshot(bytes), size: bytes.length }
  } catch (error) {
    throw new EtcdctlError((error as Error).message, 1)
  }
}

async function status(invocation: Invocation): Promise<number> {
  const { content, size } = load(invocation, invocation.args[0])
  const hash = hashOf(content)
  const keys = content.kvs.length
  const format = formatOf(invocation.flags.string('write-out'))
  if (format === 'json') return say(invocation.process, `${JSON.stringify({ hash: Number.parseInt(hash, 16), revision: content.revision, totalKey: keys, totalSize: size, version: '3.6.0' })}\n`)
  if (format === 'table') return say(invocation.process, table(['HASH', 'REVISION', 'TOTAL KEYS', 'TOTAL SIZE', 'VERSION'], [[hash, String(content.revision), String(keys), humanBytes(size), '3.6.0']]))
  return say(invocation.process, `${hash}, ${content.revision}, ${keys}, ${humanBytes(size)}, 3.6.0\n`)
}

/** Only of a directory that no etcd has open; there is nothing to gain in it. */
async function defragment({ process, flags }: Invocation): Promise<number> {
  const database = `${flags.string('data-dir')}/member/snap/db`
  if (!process.files.exists(database)) throw new EtcdctlError(`failed to open database: stat ${database}: no such file or directory`, 1)
  return say(process, `Finished defragmenting directory "${flags.string('data-dir')}"\n`)
}

async function hashKv(invocation: Invocation): Promise<number> {
  const { content } = load(invocation, invocation.args[0])
  const revision = invocation.flags.number('rev') || content.revision
  const hash = Number.parseInt(hashOf(content), 16)
  const format = formatOf(invocation.flags.string('write-out'))
  if (format === 'json') return say(invocation.process, `${JSON.stringify({ hash, hashRevision: revision, compactRevision: content.revision - 1 })}\n`)
  if (format === 'table') return say(invocation.process, table(['HASH', 'HASH REVISION', 'COMPACT REVISION'], [[String(hash), String(revision), String(content.revision - 1)]]))
  return say(invocation.process, `${hash}, ${revision}, ${content.revision - 1}\n`)
}

/** A new member with the snapshot's content: other ids, the same revisions, no leases' clocks but their grants. */
async function restore(invocation: Invocation): Promise<number> {
  const { process, flags, args } = invocation
  const { cluster: _cluster, ...own } = load(invocation, args[0]).content
  const name = flags.string('name')
  const dataDir = flags.string('data-dir') === '' ? `${name}.etcd` : flags.string('data-dir')
  if (process.files.exists(dataDir) && process.files.readDirectory(dataDir).length > 0) throw new EtcdctlError(`data-dir "${dataDir}" not empty or could not be read`, 1)
  if (!flags.string('initial-cluster').split(',').some((member) => member.startsWith(`${name}=`))) throw new EtcdctlError(`couldn't find local name "${name}" in the initial cluster configuration`, 1)
  const log = new ZapLog(process)
  const common = { path: args[0], 'wal-dir': `${dataDir}/member/wal`, 'data-dir': dataDir, 'snap-dir': `${dataDir}/member/snap` }
  log.info('snapshot/v3_snapshot.go:305', 'restoring snapshot', { ...common, 'initial-memory-map-size': 10_737_418_240 })
  const members = initialMembers(flags.string('initial-cluster'), flags.string('initial-cluster-token'))
  const ids = { clusterId: clusterIdOf(members.map(({ id }) => id)), memberId: members.find((member) => member.name === name)?.id ?? '' }
  log.info('membership/cluster.go:424', 'added member', { 'cluster-id': ids.clusterId, 'local-member-id': '0', 'added-peer-id': ids.memberId, 'added-peer-peer-urls': [flags.string('initial-advertise-peer-urls')], 'added-peer-is-learner': false })
  const revision = own.revision + flags.number('bump-revision')
  process.files.mkdirAll(`${dataDir}/member/snap`, 0o700)
  process.files.mkdirAll(`${dataDir}/member/wal`, 0o700)
  process.files.writeFile(`${dataDir}/member/snap/db`, encodeSnapshot({ ...own, ...ids, revision, cluster: { members, term: 1, at: { index: own.raftIndex, term: 1 } } }), 0o600)
  log.info('snapshot/v3_snapshot.go:333', 'restored snapshot', common)
  return 0
}

function hashOf(content: SnapshotContent): string {
  let hash = 0x811c9dc5
  for (const kv of content.kvs) for (const char of `${kv.key}@${kv.modRevision}`) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193)
  return (hash >>> 0).toString(16)
}
