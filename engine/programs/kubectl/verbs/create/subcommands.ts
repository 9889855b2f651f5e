import type { Command } from '../../../common/cobra/command'

export const createSubcommands: readonly Command[] = []
