/** Light or dark, and the terminal's letter size: chosen once, kept by the browser. */
import { useEffect, useState } from 'react'

export interface Theme {
  readonly dark: boolean
  toggle(): void
  readonly fontSize: number
  setFontSize(size: number): void
}

export const fontSizes = { smallest: 10, largest: 28 }

export function useTheme(): Theme {
  const [dark, setDark] = useState(() => (localStorage.getItem('dark') ?? String(matchMedia('(prefers-color-scheme: dark)').matches)) === 'true')
  const [fontSize, setFontSize] = useState(() => Number(localStorage.getItem('fontSize') ?? 13))
  useEffect(() => {
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light'
    localStorage.setItem('dark', String(dark))
  }, [dark])
  useEffect(() => void localStorage.setItem('fontSize', String(fontSize)), [fontSize])
  return { dark, toggle: () => setDark((now) => !now), fontSize, setFontSize: (size) => setFontSize(Math.min(fontSizes.largest, Math.max(fontSizes.smallest, size))) }
}
