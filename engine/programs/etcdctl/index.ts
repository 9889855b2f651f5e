import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import type { Command } from '#engine/programs/common/cobra/command'
import { runCommand } from '#engine/programs/common/cobra/run'
import { applyEnvironment, EtcdctlError, globalFlags } from './connection'
import { etcdutlCommand } from './etcdutl'
import { keyCommands } from './keys'
import { leaseCommands } from './leases'
import { lockCommands } from './locks'
import { memberCommands } from './members'

const etcdctlCommand: Command = {
  use: 'etcdctl',
  short: 'A simple command line client for etcd3.',
  prefixMatching: true,
  persistentFlags: globalFlags,
  commands: [
    ...keyCommands,
    ...memberCommands,
    ...leaseCommands,
    ...lockCommands,
    {
      use: 'version',
      short: 'Prints the version of etcdctl',
      async run({ process }) {
        await process.stdout.write('etcdctl version: 3.6.6\nAPI version: 3.6\n')
        return 0
      },
    },
  ],
}

export const etcdctl: Program = {
  name: 'etcdctl',
  unsupported: 'users and roles, mirrors, protobuf output',
  run: (process) => runCommand(process, etcdctlCommand, { onError: fail, beforeRun: applyEnvironment, onUsageError: usage }),
}

export const etcdutl: Program = {
  name: 'etcdutl',
  unsupported: 'backup, migrate',
  run: (process) => runCommand(process, etcdutlCommand, { onError: fail, onUsageError: usage }),
}

export const etcdctlPrograms: readonly Program[] = [etcdctl, etcdutl]

async function fail(error: Error, process: Process): Promise<number> {
  await process.stderr.write(`Error: ${error.message}\n`)
  return error instanceof EtcdctlError ? error.code : 1
}

async function usage(error: Error, process: Process): Promise<number> {
  await process.stderr.write(`Error: ${error.message}\nRun '${process.argv[0]?.split('/').pop() ?? 'etcdctl'} --help' for usage.\n`)
  return 1
}
