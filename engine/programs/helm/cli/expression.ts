/** Regular expressions of flags; what is none is told as Go's regexp does. */
export function goExpression(pattern: string): RegExp {
  try {
    return new RegExp(pattern)
  } catch {
    throw new Error(`error parsing regexp: ${problemOf(pattern)}`)
  }
}

function problemOf(pattern: string): string {
  const bare = pattern.replace(/\\./g, '')
  const open = /\[[^\]]*$/.exec(bare)
  if (open) return `missing closing ]: \`${open[0]}\``
  const repeated = /^[*+?]|[(|][*+?]/.exec(bare)
  if (repeated) return `missing argument to repetition operator: \`${repeated[0].slice(-1)}\``
  const [opened, closed] = [bare.split('(').length, bare.split(')').length]
  if (opened > closed) return `missing closing ): \`${pattern}\``
  if (opened < closed) return `unexpected ): \`${pattern}\``
  return `invalid or unsupported Perl syntax: \`${pattern}\``
}
