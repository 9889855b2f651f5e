/** Commands of containers, beside `docker container` and on top. */
import type { Command } from '#engine/programs/common/cobra/command'
import { bool } from '#engine/programs/common/cobra/flags'
import { commitCommand } from '../image/transfer'
import { group } from '../kit/command'
import { statsCommand } from '../other/stats'
import { cpCommand } from './cp'
import { inspectOf } from './inspect'
import { psCommand } from './list'
import { lookCommands } from './look'
import { manageCommands, pruneCommand } from './manage'
import { createCommand, runCommand } from './run'

const both: readonly Command[] = [runCommand, createCommand, ...manageCommands, ...lookCommands, cpCommand, commitCommand, statsCommand]

export const topContainerCommands: readonly Command[] = [...both, psCommand]

export const containerGroup: Command = group('container', 'Manage containers', [
  ...both, { ...psCommand, use: 'ls [OPTIONS]', aliases: ['ps', 'list'] }, inspectOf('container', 'inspect [OPTIONS] CONTAINER [CONTAINER...]', 'Display detailed information on one or more containers', [bool('size,s', 'Display total file sizes')]), pruneCommand,
])
