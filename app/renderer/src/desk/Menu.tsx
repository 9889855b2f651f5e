import { useEffect, useRef } from 'react'
import { Glyph } from '../Glyph'
import { fontSizes, type Theme } from '../theme'
import { ThemeButton } from '../ThemeButton'
import { keys } from './keys'

/** How the desk looks, and its keys. */
export function Menu({ theme }: { readonly theme: Theme }) {
  const details = useRef<HTMLDetailsElement>(null)
  useEffect(() => {
    const close = (event: Event): void => {
      const menu = details.current
      if (!menu?.open || (event instanceof KeyboardEvent ? event.key !== 'Escape' : menu.contains(event.target as Node))) return
      menu.open = false
      if (event instanceof KeyboardEvent) menu.querySelector('summary')?.focus()
    }
    addEventListener('pointerdown', close)
    addEventListener('keydown', close)
    return () => {
      removeEventListener('pointerdown', close)
      removeEventListener('keydown', close)
    }
  }, [])
  return (
    <details className="menu" ref={details}>
      <summary className="button"><Glyph name="settings" />View</summary>
      <div className="menu-body">
        <div className="menu-row">
          <span id="letters" className="grow">Letters in the terminal</span>
          <span className="pair" role="group" aria-labelledby="letters">
            <button type="button" disabled={theme.fontSize <= fontSizes.smallest} onClick={() => theme.setFontSize(theme.fontSize - 1)} aria-label="A− smaller letters in the terminal">A−</button>
            <output>{theme.fontSize}</output>
            <button type="button" disabled={theme.fontSize >= fontSizes.largest} onClick={() => theme.setFontSize(theme.fontSize + 1)} aria-label="A+ larger letters in the terminal">A+</button>
          </span>
        </div>
        <div className="menu-row">
          <span className="grow">Colours</span>
          <ThemeButton theme={theme} />
        </div>
        <h2>Keys</h2>
        <dl>{keys.map(([key, does]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{does}</dd></div>)}</dl>
      </div>
    </details>
  )
}
