import type { SearchAddon } from '@xterm/addon-search'
import { useEffect, useState } from 'react'
import { Glyph } from '../Glyph'

interface Props {
  readonly search: SearchAddon
  readonly dark: boolean
  readonly onClose: () => void
}

interface Found {
  readonly resultIndex: number
  readonly resultCount: number
}

/** Searches the terminal from its end upwards; all finds are marked. */
export function SearchBar({ search, dark, onClose }: Props) {
  const [text, setText] = useState('')
  const [found, setFound] = useState<Found>()
  const decorations = dark
    ? { matchBackground: '#4a3d12', activeMatchBackground: '#9a7510', matchOverviewRuler: '#9a7510', activeMatchColorOverviewRuler: '#f0c268' }
    : { matchBackground: '#fbe8b0', activeMatchBackground: '#f5c542', matchOverviewRuler: '#f5c542', activeMatchColorOverviewRuler: '#b07f00' }

  useEffect(() => {
    const results = search.onDidChangeResults(setFound)
    return () => {
      results.dispose()
      search.clearDecorations()
    }
  }, [search])

  const find = (wanted: string, way: 'up' | 'down', incremental = false): void => {
    if (wanted === '') {
      search.clearDecorations()
      setFound(undefined)
    } else if (way === 'up') search.findPrevious(wanted, { decorations, incremental })
    else search.findNext(wanted, { decorations })
  }
  const said = !found || text === '' ? '' : found.resultCount === 0 ? 'none' : `${found.resultIndex + 1} of ${found.resultCount}`

  return (
    <form className="search" role="search" onSubmit={(event) => { event.preventDefault(); find(text, 'up') }} onKeyDown={(event) => event.key === 'Escape' && onClose()}>
      <input value={text} onChange={(event) => { setText(event.target.value); find(event.target.value, 'up', true) }} aria-label="Search in the terminal" placeholder="Search" autoFocus />
      <span className="said" role="status">{said}</span>
      <button type="submit" className="quiet icon" aria-label="Find above" title="Find above (Enter)"><Glyph name="up" /></button>
      <button type="button" className="quiet icon" onClick={() => find(text, 'down')} aria-label="Find below" title="Find below"><Glyph name="down" /></button>
      <button type="button" className="quiet icon" onClick={onClose} aria-label="Close the search" title="Close (Escape)"><Glyph name="cross" /></button>
    </form>
  )
}
