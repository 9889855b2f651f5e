/** Breaks lines at words as go-wordwrap does: spaces around a break go, longer words stay whole. */
export function wrapWords(text: string, limit: number): string {
  let out = ''
  let current = 0
  let word = ''
  let space = ''
  const flush = (): void => {
    current += space.length + word.length
    out += space + word
    space = ''
    word = ''
  }
  for (const char of text) {
    if (char === '\n') {
      if (word === '' && current + space.length > limit) space = ''
      flush()
      out += char
      current = 0
    } else if (char !== '\u00a0' && /\s/.test(char)) {
      if (space === '' || word !== '') flush()
      space += char
    } else {
      word += char
      if (current + word.length + space.length > limit && word.length < limit) {
        out += '\n'
        current = 0
        space = ''
      }
    }
  }
  return word === '' && current + space.length > limit ? out : out + space + word
}
