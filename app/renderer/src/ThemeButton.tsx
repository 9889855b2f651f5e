import { Glyph } from './Glyph'
import type { Theme } from './theme'

export function ThemeButton({ theme }: { readonly theme: Theme }) {
  return <button type="button" onClick={theme.toggle}><Glyph name={theme.dark ? 'sun' : 'moon'} />{theme.dark ? 'Light' : 'Dark'}</button>
}
