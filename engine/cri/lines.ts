/** Lines written one after the other, without making their writer wait. What cannot be written any more is dropped. */
import type { Process } from '#engine/linux/abi/process'

const maxHeld = 10_000

export function lineWriter(process: Process): (line: string) => void {
  const held: string[] = []
  let busy = false
  const drain = async (): Promise<void> => {
    while (held.length > 0) await process.stderr.write(held.splice(0).join(''))
    busy = false
  }
  return (line) => {
    if (held.length < maxHeld) held.push(line)
    if (busy) return
    busy = true
    process.background(drain)
  }
}
