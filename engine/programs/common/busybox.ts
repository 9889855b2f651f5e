/** What busybox says where GNU programs say it otherwise: its applets are the machines' programs under the `flavor` of their executable. */
import type { Process } from '#engine/linux/abi/process'
import { type Wording, wordings } from '#engine/programs/common/busybox-words.table'

export function isBusybox(process: Process): boolean {
  return process.executable.attributes['flavor'] === 'busybox'
}

/** GNU's message in busybox's words; undefined where busybox says nothing. */
export function busyboxWords(applet: string, message: string): string | undefined {
  const plain = message.replace(/[\u2018\u2019]/g, "'").replace(/\nTry '.*/s, '')
  for (const wording of [...(wordings[applet] ?? []), ...(wordings['*'] ?? [])]) {
    const said = apply(wording, plain)
    if (said !== plain) return said === '' ? undefined : said
  }
  return plain
}

function apply([pattern, words]: Wording, message: string): string {
  return message.replace(pattern, words)
}

/** A line for standard error in the running flavour's words; empty where it says nothing. */
export function complaintLine(process: Process, applet: string, message: string): string {
  const said = isBusybox(process) ? busyboxWords(applet, message) : message
  return said === undefined ? '' : `${applet}: ${said}\n`
}
