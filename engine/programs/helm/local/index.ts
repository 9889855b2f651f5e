/** The commands of this room. */
import type { Command } from '#engine/programs/common/cobra/command'
import { createCommand } from './create'
import { dependencyCommand } from './dependency'
import { lintCommand } from './lint'
import { packageCommand } from './package'
import { showCommand } from './show'
import { templateCommand } from './template'
import { verifyCommand } from './verify'

export const localCommands: readonly Command[] = [createCommand, dependencyCommand, lintCommand, packageCommand, showCommand, templateCommand, verifyCommand]
