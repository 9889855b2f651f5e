/** Joins an xterm to a shell of the host. */
import type { FitAddon } from '@xterm/addon-fit'
import type { Terminal as Xterm } from '@xterm/xterm'
import { longestPaste, outputWindow } from '../../../shared/contract'
import type { Host } from '../host'

interface Parts {
  readonly xterm: Xterm
  readonly fit: FitAddon
}

interface Told {
  readonly onEnd: () => void
  /** Tells the candidate something, in a sentence. */
  readonly say: (text: string) => void
}

/** Characters drawn between two acknowledgements. */
const acknowledgeEvery = outputWindow / 8

/** Characters that one message brings to the host. */
const pieceSize = 16 * 1024

/** Without a machine it is a shell of the user's own computer. Returns how to part them. */
export function attach(host: Host, machine: string | undefined, { xterm, fit }: Parts, { onEnd, say }: Told): () => void {
  let terminal: number | undefined
  let ended = false
  const early: string[] = []
  const tellSize = (): void => {
    if (terminal !== undefined) void host.call('resizeTerminal', { terminal, columns: xterm.cols, rows: xterm.rows }).catch(ignored)
  }
  const send = (data: string): void => {
    if (data.length > longestPaste) return say(`Not pasted: ${data.length.toLocaleString('en')} characters are more than the ${longestPaste.toLocaleString('en')} that a paste may have`)
    for (const piece of pieces(data)) {
      if (terminal === undefined) early.push(piece)
      else void host.call('writeTerminal', { terminal, data: piece }).catch((problem: unknown) => say((problem as Error).message))
    }
  }
  const draw = drawer(xterm, (characters) => terminal !== undefined && void host.call('acknowledge', { terminal, characters }).catch(ignored))
  const stop = host.listen((event) => {
    if (event.event === 'output' && event.terminal === terminal) draw(event.data)
    if (event.event !== 'closed' || event.terminal !== terminal) return
    ended = true
    onEnd()
  })
  xterm.onData(send)
  xterm.onResize(tellSize)
  const observer = new ResizeObserver(() => xterm.element?.offsetParent && fit.fit())
  if (xterm.element?.parentElement) observer.observe(xterm.element.parentElement)
  const size = { columns: xterm.cols, rows: xterm.rows }
  const opening = machine === undefined ? host.call('openOwnTerminal', size) : host.call('openTerminal', { host: machine, ...size })
  opening.then(
    (opened) => {
      terminal = opened.terminal
      // It may have been laid out anew while the shell was opened: a shell with another width wraps long lines onto themselves.
      tellSize()
      for (const data of early.splice(0)) send(data)
    },
    (problem: unknown) => xterm.write(`\r\n${(problem as Error).message}\r\n`),
  )
  return () => {
    stop()
    observer.disconnect()
    if (terminal !== undefined && !ended) void host.call('closeTerminal', { terminal }).catch(ignored)
    xterm.dispose()
  }
}

/** Draws, and tells now and then how much is drawn. */
function drawer(xterm: Xterm, acknowledge: (characters: number) => void): (data: string) => void {
  let undrawn = 0
  return (data) =>
    xterm.write(data, () => {
      undrawn += data.length
      if (undrawn < acknowledgeEvery) return
      acknowledge(undrawn)
      undrawn = 0
    })
}

/** Cuts a long paste; never within a character that takes two units. */
export function pieces(text: string, size = pieceSize): string[] {
  const cut: string[] = []
  for (let at = 0; at < text.length; ) {
    const end = at + size
    const splits = end < text.length && /[\ud800-\udbff]/.test(text.charAt(end - 1))
    cut.push(text.slice(at, splits ? end - 1 : end))
    at = splits ? end - 1 : end
  }
  return cut
}

/** The host is gone, which is told elsewhere. */
function ignored(): void {
  return undefined
}
