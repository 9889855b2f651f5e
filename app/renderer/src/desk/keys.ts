/** The keys of the desk that work everywhere on it, in the terminal too. */
import { useEffect } from 'react'

/** Shown to the candidate; the last three are the terminal's own. */
export const keys: readonly (readonly [key: string, does: string])[] = [
  ['Ctrl+Enter', 'Check'],
  ['F6', 'Go to the task, or back to the terminal'],
  ['Ctrl+Shift+C', 'Copy from the terminal'],
  ['Ctrl+Shift+V', 'Paste into the terminal'],
  ['Ctrl+Shift+F', 'Search in the terminal'],
]

export function useKeys(check: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const does = event.ctrlKey && event.key === 'Enter' ? check : event.key === 'F6' ? otherSide : undefined
      if (!does) return
      event.preventDefault()
      event.stopPropagation()
      does()
    }
    addEventListener('keydown', onKey, true)
    return () => removeEventListener('keydown', onKey, true)
  })
}

/** A terminal keeps Tab for itself, so one key leads out of it, and back. */
function otherSide(): void {
  const terminal = document.querySelector<HTMLElement>('.terminal-panel:not([hidden]) .xterm-helper-textarea')
  const task = document.querySelector<HTMLElement>('.task')
  const next = document.activeElement === terminal ? task : terminal
  next?.focus()
}
