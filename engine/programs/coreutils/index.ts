/** GNU coreutils 9.1, and the few of util-linux and vim that go with them. */
import type { Program } from '#engine/linux/abi/program'
import { catPrograms } from '#engine/programs/coreutils/cat'
import { copyPrograms } from '#engine/programs/coreutils/copy'
import { datePrograms } from '#engine/programs/coreutils/date'
import { encodePrograms } from '#engine/programs/coreutils/encode'
import { expr } from '#engine/programs/coreutils/expr'
import { fieldPrograms } from '#engine/programs/coreutils/fields'
import { fmt } from '#engine/programs/coreutils/fmt'
import { headTailPrograms } from '#engine/programs/coreutils/headtail'
import { lsPrograms } from '#engine/programs/coreutils/ls'
import { makePrograms } from '#engine/programs/coreutils/make'
import { permissionPrograms } from '#engine/programs/coreutils/permissions'
import { removePrograms } from '#engine/programs/coreutils/remove'
import { runningPrograms } from '#engine/programs/coreutils/running'
import { smallPrograms } from '#engine/programs/coreutils/small'
import { sortPrograms } from '#engine/programs/coreutils/sort'
import { statPrograms } from '#engine/programs/coreutils/stat'
import { shapePrograms } from '#engine/programs/coreutils/text-shape'
import { trPrograms } from '#engine/programs/coreutils/tr'
import { whoPrograms } from '#engine/programs/coreutils/who'

export const coreutilsPrograms: readonly Program[] = [
  ...lsPrograms, ...catPrograms, ...headTailPrograms, ...copyPrograms, ...removePrograms, ...makePrograms, ...permissionPrograms, ...statPrograms, ...shapePrograms,
  ...sortPrograms, ...fieldPrograms, ...trPrograms, ...encodePrograms, ...datePrograms, ...runningPrograms, ...smallPrograms, expr, fmt, ...whoPrograms,
]
