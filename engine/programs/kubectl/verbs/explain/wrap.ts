/** Breaks lines at words as go-wordwrap does: spaces around a break go, longer words stay whole. */
export function wrapWords(text: string, limit: number): string {
  return text.split('\n').map((line) => wrapLine(line, limit)).join('\n')
}

function wrapLine(line: string, limit: number): string {
  let out = ''
  let current = 0
  for (const [, space = '', word = ''] of line.matchAll(/([^\S\u00a0]*)((?:\S|\u00a0)*)/g)) {
    if (word === '' && current + space.length > limit) return out
    // A word of more than a line moves down too, unless it begins its line.
    const moves = word !== '' && current + space.length + Math.min(word.length, limit - 1) > limit
    out += moves ? `\n${word}` : space + word
    current = (moves ? 0 : current + space.length) + word.length
  }
  return out
}
