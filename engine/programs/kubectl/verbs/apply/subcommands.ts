import type { Command } from '#engine/programs/common/cobra/command'
import { editLastApplied } from './editlast'
import { setLastApplied } from './setlast'
import { viewLastApplied } from './viewlast'

export const applySubcommands: readonly Command[] = [editLastApplied, setLastApplied, viewLastApplied]
