/** Names in messages, as gnulib's quotearg writes them. */
import { escapeControl } from '#engine/linux/abi/quoting'

export { escapeControl, isUtf8, quote } from '#engine/linux/abi/quoting'

/** As gnulib's shell-escape-always: `'name'`, `"it's"`, `'a'$'\n''b'`. */
export function quoteName(text: string): string {
  const plain = !/[\x00-\x1f\x7f\udc80-\udcff]/.test(text)
  if (plain && !text.includes("'")) return `'${text}'`
  if (plain && !/["$`\\!]/.test(text)) return `"${text}"`
  const escaped = text.replace(/'/g, "'\\''").replace(/[\x00-\x1f\x7f\udc80-\udcff]+/g, (run) => `'$'${Array.from(run, escapeControl).join('')}''`)
  return plain ? `'${escaped}'` : `'${escaped}'`.replace(/'''$/, "'")
}

/** What a shell would read otherwise: anywhere, at the beginning, or standing alone. */
const shellSpecial = /[\s!"$&'()*;<=>?[\\^`|\x00-\x1f\x7f\udc80-\udcff]|^[#~]|^[{}]?$/

/** As gnulib's shell-escape: quoted only where a shell would need it. */
export function quoteIfNeeded(text: string): string {
  return shellSpecial.test(text) ? quoteName(text) : text
}
