/** Filters and the tools around them: awk, grep, sed, find, jq ... */
import type { Program } from '#engine/linux/abi/program'
import { awkPrograms } from '#engine/programs/text/awk/index'
import { columnPrograms } from '#engine/programs/text/column'
import { comparePrograms } from '#engine/programs/text/diff/index'
import { findPrograms } from '#engine/programs/text/find/index'
import { grepPrograms } from '#engine/programs/text/grep/index'
import { jqPrograms } from '#engine/programs/text/jq/index'
import { miscPrograms } from '#engine/programs/text/misc'
import { pagerPrograms } from '#engine/programs/text/pager'
import { sedPrograms } from '#engine/programs/text/sed/index'
import { xargsPrograms } from '#engine/programs/text/xargs/index'

export const textPrograms: readonly Program[] = [
  ...awkPrograms, ...grepPrograms, ...sedPrograms, ...jqPrograms, ...findPrograms, ...xargsPrograms, ...comparePrograms, ...columnPrograms, ...pagerPrograms, ...miscPrograms,
]
