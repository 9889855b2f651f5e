import { FitAddon } from '@xterm/addon-fit'
import { SearchAddon } from '@xterm/addon-search'
import { Terminal as Xterm, type ITheme } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import { useEffect, useRef, useState } from 'react'
import { outputWindow } from '../../../shared/contract'
import type { Host } from '../host'
import type { Theme } from '../theme'

interface Props {
  readonly host: Host
  readonly machine: string
  readonly theme: Theme
  readonly visible: boolean
  readonly onEnd: () => void
}

interface Parts {
  readonly xterm: Xterm
  readonly fit: FitAddon
  readonly search: SearchAddon
}

const dark: ITheme = { background: '#10151c', foreground: '#d7dde5', cursor: '#f2c14e', selectionBackground: '#34506e' }
const light: ITheme = {
  background: '#fbfbf8', foreground: '#1d2733', cursor: '#8a5a00', selectionBackground: '#b9d4ee', black: '#1d2733', red: '#a4262c', green: '#1b6e2a', yellow: '#7a5600', blue: '#1f4e9c', magenta: '#7a2a8c', cyan: '#0b6470', white: '#5b6570',
}

/** One xterm on one login shell of a machine. Ctrl+Shift+C and V copy and paste, Ctrl+Shift+F searches. */
export function Terminal({ host, machine, theme, visible, onEnd }: Props) {
  const element = useRef<HTMLDivElement>(null)
  const parts = useRef<Parts>(undefined)
  const [searching, setSearching] = useState(false)

  useEffect(() => {
    const place = element.current
    if (!place) return undefined
    const made = create(place, theme, () => setSearching(true))
    parts.current = made
    return attach(host, machine, made, onEnd)
    // A terminal lives as long as its tab: theme and size are set below.
  }, [host, machine])

  useEffect(() => {
    const now = parts.current
    if (!now) return
    now.xterm.options.theme = theme.dark ? dark : light
    now.xterm.options.fontSize = theme.fontSize
    if (visible) {
      now.fit.fit()
      now.xterm.focus()
    }
  }, [theme.dark, theme.fontSize, visible])

  return (
    <>
      {searching && <SearchBar onFind={(text) => void parts.current?.search.findPrevious(text)} onClose={() => { setSearching(false); parts.current?.xterm.focus() }} />}
      <div ref={element} className="xterm-place" />
    </>
  )
}

function SearchBar({ onFind, onClose }: { readonly onFind: (text: string) => void; readonly onClose: () => void }) {
  return (
    <form className="search" onSubmit={(event) => { event.preventDefault(); onFind(String(new FormData(event.currentTarget).get('text') ?? '')) }}>
      <input name="text" aria-label="Search in the terminal" autoFocus onKeyDown={(event) => event.key === 'Escape' && onClose()} />
      <button type="submit">Find</button>
      <button type="button" onClick={onClose} aria-label="Close the search">×</button>
    </form>
  )
}

function create(place: HTMLElement, theme: Theme, openSearch: () => void): Parts {
  const xterm = new Xterm({
    fontFamily: "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace", fontSize: theme.fontSize, theme: theme.dark ? dark : light, cursorBlink: true, scrollback: 10_000, allowProposedApi: true, screenReaderMode: false,
  })
  const fit = new FitAddon()
  const search = new SearchAddon()
  xterm.loadAddon(fit)
  xterm.loadAddon(search)
  xterm.open(place)
  xterm.textarea?.setAttribute('aria-label', 'Terminal input')
  fit.fit()
  xterm.attachCustomKeyEventHandler((event) => shortcut(event, xterm, openSearch))
  return { xterm, fit, search }
}

/** False where the key is ours and must not reach the shell. */
function shortcut(event: KeyboardEvent, xterm: Xterm, openSearch: () => void): boolean {
  if ((event.ctrlKey && event.key === 'Enter') || event.key === 'F6') return false
  if (!event.ctrlKey || !event.shiftKey || event.type !== 'keydown') return true
  if (event.code === 'KeyC') void navigator.clipboard.writeText(xterm.getSelection())
  else if (event.code === 'KeyV') void navigator.clipboard.readText().then((text) => xterm.paste(text))
  else if (event.code === 'KeyF') openSearch()
  else return true
  event.preventDefault()
  return false
}

/** Characters drawn between two acknowledgements. */
const acknowledgeEvery = outputWindow / 8

/** Joins an xterm to a shell of the host; returns how to part them. */
function attach(host: Host, machine: string, { xterm, fit }: Parts, onEnd: () => void): () => void {
  let terminal: number | undefined
  let ended = false
  const early: string[] = []
  let undrawn = 0
  const draw = (data: string): void =>
    xterm.write(data, () => {
      undrawn += data.length
      if (undrawn < acknowledgeEvery || terminal === undefined) return
      void host.call('acknowledge', { terminal, characters: undrawn })
      undrawn = 0
    })
  const stop = host.listen((event) => {
    if (event.event === 'progress' || event.terminal !== terminal) return
    if (event.event === 'output') draw(event.data)
    else {
      ended = true
      onEnd()
    }
  })
  const send = (data: string): void => {
    if (terminal === undefined) early.push(data)
    else void host.call('writeTerminal', { terminal, data })
  }
  xterm.onData(send)
  const tellSize = (): void => {
    if (terminal !== undefined) void host.call('resizeTerminal', { terminal, columns: xterm.cols, rows: xterm.rows })
  }
  xterm.onResize(tellSize)
  const observer = new ResizeObserver(() => xterm.element?.offsetParent && fit.fit())
  if (xterm.element?.parentElement) observer.observe(xterm.element.parentElement)
  host.call('openTerminal', { host: machine, columns: xterm.cols, rows: xterm.rows }).then(
    (opened) => {
      terminal = opened.terminal
      // It may have been laid out anew while the shell was opened: a shell with another width wraps long lines onto themselves.
      tellSize()
      for (const data of early.splice(0)) send(data)
      xterm.focus()
    },
    (problem: unknown) => xterm.write(`\r\n${(problem as Error).message}\r\n`),
  )
  return () => {
    stop()
    observer.disconnect()
    if (terminal !== undefined && !ended) void host.call('closeTerminal', { terminal })
    xterm.dispose()
  }
}
