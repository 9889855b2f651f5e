/** `docker update`. */
import { float, int64, string } from '#engine/programs/common/cobra/flags'
import type { Command } from '#engine/programs/common/cobra/command'
import { DockerFailure } from '../kit/api'
import { each, leaf } from '../kit/command'
import { parseSize } from '../kit/sizes'

export const updateCommand: Command = leaf({
  use: 'update [OPTIONS] CONTAINER [CONTAINER...]', short: 'Update configuration of one or more containers', args: { atLeast: 1 }, ways: ['docker container update', 'docker update'],
  flags: [
    int64('cpu-period', 'Limit CPU CFS (Completely Fair Scheduler) period', { typeName: 'int' }), int64('cpu-quota', 'Limit CPU CFS (Completely Fair Scheduler) quota', { typeName: 'int' }), int64('cpu-shares,c', 'CPU shares (relative weight)', { typeName: 'int' }),
    float('cpus', 'Number of CPUs', { typeName: 'decimal' }), string('memory,m', 'Memory limit', { typeName: 'bytes' }), string('memory-reservation', 'Memory soft limit', { typeName: 'bytes' }), string('memory-swap', "Swap limit equal to memory plus swap: -1 to enable unlimited swap", { typeName: 'bytes' }),
    int64('pids-limit', 'Tune container pids limit (set -1 for unlimited)', { typeName: 'int' }), string('restart', 'Restart policy to apply when a container exits'),
  ],
  run(context) {
    const { api, flags } = context
    if (!['cpu-period', 'cpu-quota', 'cpu-shares', 'cpus', 'memory', 'memory-reservation', 'memory-swap', 'pids-limit', 'restart'].some((name) => flags.changed(name))) throw new DockerFailure('you must provide one or more flags when using this command')
    const size = (name: string): number => (flags.string(name) === '-1' ? -1 : flags.string(name) === '' ? 0 : (parseSize(flags.string(name)) ?? fail(name, flags.string(name))))
    const [policy = '', count = '0'] = flags.string('restart').split(':')
    const json = {
      CpuPeriod: flags.number('cpu-period'), CpuQuota: flags.number('cpu-quota'), CpuShares: flags.number('cpu-shares'), NanoCpus: Math.round(flags.number('cpus') * 1e9), Memory: size('memory'), MemoryReservation: size('memory-reservation'), MemorySwap: size('memory-swap'),
      ...(flags.changed('pids-limit') ? { PidsLimit: flags.number('pids-limit') } : {}), ...(policy === '' ? {} : { RestartPolicy: { Name: policy, MaximumRetryCount: Number(count) } }),
    }
    return each(context, async (name) => (await api.request('POST', `/containers/${encodeURIComponent(name)}/update`, { json }), name))
  },
})

function fail(name: string, text: string): never {
  throw new DockerFailure(`invalid argument "${text}" for "${name === 'memory' ? '-m, ' : ''}--${name}" flag: invalid size: '${text}'`, 125)
}
