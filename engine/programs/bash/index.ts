/** The shells. `sh` and `dash` speak dash's words and know no bash extensions beyond what scripts commonly survive. */
import type { Program } from '#engine/linux/abi/program'
import { shellProgram } from '#engine/shell/main'

export const bashPrograms: readonly Program[] = [shellProgram('bash', false), shellProgram('rbash', false), shellProgram('sh', true), shellProgram('dash', true)]
