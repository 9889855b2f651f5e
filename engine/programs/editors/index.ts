/** Editors. */
import type { Program } from '#engine/linux/abi/program'
import { nanoPrograms } from '#engine/programs/editors/nano/index'
import { vimPrograms } from '#engine/programs/editors/vim/index'

export const editorPrograms: readonly Program[] = [...vimPrograms, ...nanoPrograms]
