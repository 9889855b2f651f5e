import type { Command } from '#engine/programs/common/cobra/command'

export const applySubcommands: readonly Command[] = []
