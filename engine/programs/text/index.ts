/** Filters and the tools around them: awk, grep, sed, find, jq ... */
import type { Program } from '#engine/linux/abi/program'
import { awkPrograms } from '#engine/programs/text/awk/index'

export const textPrograms: readonly Program[] = [...awkPrograms]
