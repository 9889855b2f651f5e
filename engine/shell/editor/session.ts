/** An interactive shell: prompt, line, run. */
import type { Shell } from '#engine/shell/state/shell'
import { runInput } from '#engine/shell/interpreter/input-run'

export async function runInteractive(shell: Shell): Promise<number> {
  return runInput(shell)
}
