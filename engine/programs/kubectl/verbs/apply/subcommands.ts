import type { Command } from '../../../common/cobra/command'

export const applySubcommands: readonly Command[] = []
