/** `docker builder`. */
import { bool } from '#engine/programs/common/cobra/flags'
import type { Command } from '#engine/programs/common/cobra/command'
import { humanSize } from '#engine/cri/units'
import { filterFlag } from '../kit/api'
import { group, leaf } from '../kit/command'
import { confirmed } from '../container/manage'
import { buildCommand } from '../image/build'

const prune = leaf({
  use: 'prune', short: 'Remove build cache', args: { exactly: 0 }, flags: [bool('all,a', 'Remove all unused build cache, not just dangling ones'), filterFlag('filter', 'Provide filter values (e.g. "until=24h")'), bool('force,f', 'Do not prompt for confirmation')],
  async run(context) {
    if (!(await confirmed(context, 'WARNING! This will remove all dangling build cache.\n'))) return 0
    const { SpaceReclaimed } = await context.api.json<{ SpaceReclaimed: number }>('POST', '/build/prune')
    await context.process.stdout.write(`Total reclaimed space: ${humanSize(SpaceReclaimed)}\n`)
    return 0
  },
})

export const builderGroup: Command = group('builder', 'Manage builds', [buildCommand, prune])
