/** Text cut and broken into lines. */
export function abbreviate(width: number, text: string): string {
  return width < 4 ? text : abbreviated(text, 0, width)
}

export function abbreviateBoth(left: number, right: number, text: string): string {
  return right < 4 || (left > 0 && right < 7) ? text : abbreviated(text, left, right)
}

function abbreviated(text: string, offset: number, width: number): string {
  const length = text.length
  if (length <= width) return text
  const most = width - 3
  const from = length - Math.min(offset, length) < most ? length - most : Math.min(offset, length)
  if (from <= 4) return `${text.slice(0, most)}...`
  if (from + width - 3 < length) return `...${abbreviated(text.slice(from), 0, most)}`
  return `...${text.slice(length - most)}`
}

export function wrapText(text: string, width: number, newline: string, breaksWords: boolean): string {
  const limit = Math.max(1, width)
  let out = ''
  let at = 0
  while (text.length - at > limit) {
    if (text.charAt(at) === ' ') {
      at++
      continue
    }
    const end = breakAt(text, at, limit, breaksWords)
    if (end < 0) break
    out += text.slice(at, end) + newline
    at = text.charAt(end) === ' ' ? end + 1 : end
  }
  return out + text.slice(at)
}

/** Where the line that begins here ends; -1 where it takes all there is. */
function breakAt(text: string, at: number, limit: number, breaksWords: boolean): number {
  const space = text.slice(at, at + limit + 1).lastIndexOf(' ')
  if (space >= 0) return at + space
  return breaksWords ? at + limit : text.indexOf(' ', at + limit)
}
