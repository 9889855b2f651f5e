/** `seatrial completion`: what a shell needs to complete commands, flags, machines and the ids of labs. */
import { parseArguments, UsageError } from './arguments'
import { usageOf, usages } from './usage'

export async function completionCommand(args: readonly string[]): Promise<number> {
  const [shell] = parseArguments(args, [], [], 1).operands
  if (shell !== 'bash' && shell !== 'zsh') throw new UsageError(usageOf('completion'))
  process.stdout.write(shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${bashCompletion()}` : bashCompletion())
  return Promise.resolve(0)
}

export function bashCompletion(): string {
  const commands = Object.entries(usages).filter(([, { inner }]) => !inner)
  const cases = commands.map(([name, { words }]) => `    ${name}) words="${words.join(' ')}" ;;`).join('\n')
  return `_seatrial() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words
  COMPREPLY=()
  case "\${COMP_WORDS[1]}" in
${cases}
    *) words="" ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words="${commands.map(([name]) => name).join(' ')} --help --version"; fi
  if [ "\${COMP_WORDS[COMP_CWORD-1]}" = --profile ]; then words="one two three"; fi
  case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
    'lab start'|'lab verify') if [ "$COMP_CWORD" -gt 2 ]; then words="$(seatrial lab list 2>/dev/null | cut -d' ' -f1) --seeds --seed --every-step"; fi ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _seatrial seatrial
`
}
