/** The keys of the desk that work everywhere on it, in the terminal too. */
import { useEffect } from 'react'

/** Shown to the candidate; from Alt+1 on they are the terminals' own. */
export const keys: readonly (readonly [key: string, does: string])[] = [
  ['Ctrl+Enter', 'Check'],
  ['F6', 'Go to the task, or back to the terminal'],
  ['Alt+1 … Alt+9', 'Go to a terminal'],
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

/** Whether a key is the desk's own and must not reach the shell. */
export function isDeskKey(event: KeyboardEvent): boolean {
  return (event.ctrlKey && event.key === 'Enter') || event.key === 'F6' || terminalAsked(event) !== undefined
}

/** The terminal that a key asks for, counted from 0. */
export function terminalAsked(event: KeyboardEvent): number | undefined {
  const digit = event.altKey && !event.ctrlKey && !event.shiftKey ? /^Digit([1-9])$/.exec(event.code)?.[1] : undefined
  return digit === undefined ? undefined : Number(digit) - 1
}

/** A terminal keeps Tab for itself, so one key leads out of it, and back. */
function otherSide(): void {
  const terminal = document.querySelector<HTMLElement>('.terminal-panel:not([hidden]) .xterm-helper-textarea')
  const task = document.querySelector<HTMLElement>('.task')
  const next = document.activeElement === terminal ? task : terminal
  next?.focus()
}
