/** What a command that failed said, for a person to read. */
import type { CommandResult } from '../world'

/** Characters of a command's output that a result shows. */
const longestSaid = 400

/** Both outputs, the errors first; without what kubectl exec adds, which only repeats the exit code. */
export function said({ stdout, stderr }: CommandResult): string {
  const errors = stderr.split('\n').filter((line) => !line.startsWith('command terminated with exit code')).join('\n').trim()
  return shortened([errors, stdout.trim()].filter((part) => part !== '').join('\n'))
}

/** The beginning and the end of what is long. */
function shortened(text: string): string {
  const half = longestSaid / 2
  return text.length > longestSaid ? `${text.slice(0, half)}\n...\n${text.slice(-half)}` : text
}

/** The last line: where kubectl tells what its warnings before came to. */
export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
