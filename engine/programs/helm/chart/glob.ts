/** Shell patterns to expressions: filepath.Match's, and with `**` and `{a,b}` those of gobwas/glob. */
export function globPattern(pattern: string): RegExp {
  return new RegExp(`^${translate(pattern, false)}$`, 'su')
}

export function globWithStars(pattern: string): RegExp {
  return new RegExp(`^${translate(pattern, true)}$`, 'su')
}

function translate(pattern: string, extended: boolean): string {
  const state: State = { pattern, extended, at: 0, braces: 0 }
  let out = ''
  while (state.at < pattern.length) out += step(state)
  return out + ')'.repeat(state.braces)
}

interface State {
  readonly pattern: string
  /** `**` crosses slashes, braces hold alternatives. */
  readonly extended: boolean
  at: number
  braces: number
}

function step(state: State): string {
  const char = state.pattern.charAt(state.at++)
  switch (char) {
    case '*': return star(state)
    case '?': return '[^/]'
    case '[': return characters(state)
    case '\\': return state.at < state.pattern.length ? escaped(state.pattern.charAt(state.at++)) : '\\\\'
    default: return alternative(state, char)
  }
}

function star(state: State): string {
  if (!state.extended || state.pattern.charAt(state.at) !== '*') return '[^/]*'
  state.at++
  return '.*'
}

function characters(state: State): string {
  const end = state.pattern.indexOf(']', state.at + 1)
  if (end < 0) return '\\['
  const body = state.pattern.slice(state.at, end)
  state.at = end + 1
  return bracket(body)
}

function alternative(state: State, char: string): string {
  if (state.extended && char === '{') {
    state.braces++
    return '(?:'
  }
  if (state.braces === 0) return escaped(char)
  if (char === ',') return '|'
  if (char !== '}') return escaped(char)
  state.braces--
  return ')'
}

function bracket(body: string): string {
  const negated = /^[!^]/.test(body)
  return `[${negated ? '^' : ''}${(negated ? body.slice(1) : body).replace(/[[\]\\]/g, '\\$&')}]`
}

function escaped(char: string): string {
  return char.replace(/[.*+?^${}()|[\]\\/-]/, (found) => (found === '-' ? '-' : `\\${found}`))
}
