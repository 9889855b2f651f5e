/** Filters and the tools around them: awk, grep, sed, find, jq ... */
import type { Program } from '#engine/linux/abi/program'
import { awkPrograms } from '#engine/programs/text/awk/index'
import { findPrograms } from '#engine/programs/text/find'
import { grepPrograms } from '#engine/programs/text/grep'
import { jqPrograms } from '#engine/programs/text/jq/index'
import { sedPrograms } from '#engine/programs/text/sed/index'
import { xargsPrograms } from '#engine/programs/text/xargs'

export const textPrograms: readonly Program[] = [...awkPrograms, ...grepPrograms, ...sedPrograms, ...jqPrograms, ...findPrograms, ...xargsPrograms]
