/** What a command that failed said, for a person to read. */
import type { CommandResult } from '../world'

/** Characters of a command's output that a result shows. */
const longestSaid = 400

/** Both outputs, the errors first; without what kubectl exec adds, which only repeats the exit code. */
export function said({ stdout, stderr }: CommandResult): string {
  const errors = stderr.split('\n').filter((line) => !line.startsWith('command terminated with exit code')).join('\n').trim()
  const text = [errors, stdout.trim()].filter((part) => part !== '').join('\n')
  return text.length > longestSaid ? `...${text.slice(-longestSaid)}` : text
}
