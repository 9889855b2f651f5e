import { FitAddon } from '@xterm/addon-fit'
import { SearchAddon } from '@xterm/addon-search'
import { Terminal as Xterm, type ITheme } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import { useEffect, useRef, useState } from 'react'
import type { Host } from '../host'
import type { Theme } from '../theme'
import { useToast } from '../Toasts'
import { attach } from './attach'
import { isDeskKey } from './keys'
import { SearchBar } from './SearchBar'

interface Props {
  readonly host: Host
  /** Undefined for a shell of the user's own computer. */
  readonly machine: string | undefined
  readonly theme: Theme
  readonly visible: boolean
  readonly onEnd: () => void
}

interface Parts {
  readonly xterm: Xterm
  readonly fit: FitAddon
  readonly search: SearchAddon
}

const dark: ITheme = {
  background: '#0b1016', foreground: '#dbe2ea', cursor: '#f2c14e', cursorAccent: '#0b1016', selectionBackground: '#2f5575', black: '#29333e', red: '#ff7f79', green: '#7fd396', yellow: '#f0c268', blue: '#7fb4f5', magenta: '#cfa6f2', cyan: '#6fd0dc', white: '#dbe2ea',
  brightBlack: '#7f8d9b', brightRed: '#ff9f97', brightGreen: '#a0e4b2', brightYellow: '#f8d68e', brightBlue: '#a5cbf9', brightMagenta: '#dfc3f8', brightCyan: '#98e1ea', brightWhite: '#ffffff',
}
const light: ITheme = {
  background: '#fbfcfd', foreground: '#17212b', cursor: '#0a5f83', cursorAccent: '#fbfcfd', selectionBackground: '#bcdcee', black: '#17212b', red: '#ab2019', green: '#17692f', yellow: '#7a5600', blue: '#1f4e9c', magenta: '#7a2a8c', cyan: '#0b6470', white: '#5b6570',
  brightBlack: '#5b6570', brightRed: '#c2362e', brightGreen: '#1d7a38', brightYellow: '#8a6200', brightBlue: '#2a62be', brightMagenta: '#9139a6', brightCyan: '#0d7886', brightWhite: '#17212b',
}

/** One xterm on one login shell. Ctrl+Shift+C and V copy and paste, Ctrl+Shift+F searches. */
export function Terminal({ host, machine, theme, visible, onEnd }: Props) {
  const element = useRef<HTMLDivElement>(null)
  const [parts, setParts] = useState<Parts>()
  const [searching, setSearching] = useState(false)
  const toast = useToast()
  // The shell may end long after it was opened: what is done then is what this moment's tabs want.
  const end = useRef(onEnd)
  end.current = onEnd

  useEffect(() => {
    const place = element.current
    if (!place) return undefined
    const say = (text: string): void => toast({ text })
    const made = create(place, theme, () => setSearching(true), say)
    setParts(made)
    return attach(host, machine, made, { onEnd: () => end.current(), say })
    // A terminal lives as long as its tab: theme and size are set below.
  }, [host, machine])

  useEffect(() => {
    if (!parts) return
    parts.xterm.options.theme = theme.dark ? dark : light
    parts.xterm.options.fontSize = theme.fontSize
    if (visible) parts.fit.fit()
  }, [parts, theme.dark, theme.fontSize, visible])

  useEffect(() => {
    if (visible) parts?.xterm.focus()
  }, [parts, visible])

  const closeSearch = (): void => {
    setSearching(false)
    parts?.xterm.focus()
  }
  return (
    <>
      {searching && parts && <SearchBar search={parts.search} dark={theme.dark} onClose={closeSearch} />}
      <div ref={element} className="xterm-place" />
    </>
  )
}

function create(place: HTMLElement, theme: Theme, openSearch: () => void, say: (text: string) => void): Parts {
  const fontFamily = getComputedStyle(document.documentElement).getPropertyValue('--mono')
  const xterm = new Xterm({ fontFamily, fontSize: theme.fontSize, lineHeight: 1.15, theme: theme.dark ? dark : light, cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches, scrollback: 10_000, allowProposedApi: true, screenReaderMode: false })
  const fit = new FitAddon()
  const search = new SearchAddon()
  xterm.loadAddon(fit)
  xterm.loadAddon(search)
  xterm.open(place)
  xterm.textarea?.setAttribute('aria-label', 'Terminal input')
  fit.fit()
  xterm.attachCustomKeyEventHandler((event) => shortcut(event, xterm, openSearch, say))
  return { xterm, fit, search }
}

/** False where the key is ours and must not reach the shell. */
function shortcut(event: KeyboardEvent, xterm: Xterm, openSearch: () => void, say: (text: string) => void): boolean {
  if (isDeskKey(event)) return false
  if (!event.ctrlKey || !event.shiftKey || event.type !== 'keydown') return true
  if (event.code === 'KeyC') copy(xterm, say)
  else if (event.code === 'KeyV') void paste(xterm, say)
  else if (event.code === 'KeyF') openSearch()
  else return true
  event.preventDefault()
  return false
}

function copy(xterm: Xterm, say: (text: string) => void): void {
  if (!xterm.hasSelection()) return say('Nothing is selected in the terminal')
  navigator.clipboard.writeText(xterm.getSelection()).catch(() => say('The browser does not let this page copy'))
}

async function paste(xterm: Xterm, say: (text: string) => void): Promise<void> {
  try {
    xterm.paste(await navigator.clipboard.readText())
  } catch {
    say('The browser does not let this page read the clipboard: paste by its own menu')
  }
}
