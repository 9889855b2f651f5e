import { type KeyboardEvent, useEffect, useState } from 'react'
import { Glyph } from '../Glyph'
import type { Host } from '../host'
import type { Theme } from '../theme'
import { terminalAsked } from './keys'
import { Terminal } from './Terminal'
import './terminals.css'

interface Props {
  readonly host: Host
  readonly theme: Theme
}

/** Where every terminal begins, as in the exam. */
const firstMachine = 'base'

/** The terminals of one scene, a tab each. */
export function Terminals({ host, theme }: Props) {
  const [tabs, setTabs] = useState<readonly number[]>([1])
  const [active, setActive] = useState(1)

  const open = (): void => {
    const id = Math.max(0, ...tabs) + 1
    setTabs([...tabs, id])
    setActive(id)
  }
  const close = (id: number): void => {
    const left = tabs.filter((tab) => tab !== id)
    const kept = left.length > 0 ? left : [id + 1]
    setTabs(kept)
    if (active === id) setActive(kept[Math.min(tabs.indexOf(id), kept.length - 1)] ?? 1)
  }

  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent): void => {
      const tab = tabs[terminalAsked(event) ?? -1]
      if (tab === undefined) return
      event.preventDefault()
      setActive(tab)
    }
    addEventListener('keydown', onKey, true)
    return () => removeEventListener('keydown', onKey, true)
  }, [tabs])

  const onTabKey = (event: KeyboardEvent): void => {
    const at = tabs.indexOf(active)
    const next = { ArrowRight: (at + 1) % tabs.length, ArrowLeft: (at + tabs.length - 1) % tabs.length, Home: 0, End: tabs.length - 1 }[event.key]
    if (next === undefined) return
    event.preventDefault()
    const tab = tabs[next] ?? active
    setActive(tab)
    document.getElementById(`tab-${tab}`)?.focus()
  }

  return (
    <section className="terminals" aria-label="Terminals">
      <div className="tabs">
        <div role="tablist" aria-label="Terminals" onKeyDown={onTabKey}>
          {tabs.map((tab, index) => (
            <button key={tab} type="button" role="tab" id={`tab-${tab}`} aria-selected={tab === active} aria-controls={`panel-${tab}`} tabIndex={tab === active ? 0 : -1} onClick={() => setActive(tab)}>
              {firstMachine} {index + 1}
            </button>
          ))}
        </div>
        <button type="button" className="quiet icon" onClick={open} aria-label="New terminal" title="New terminal"><Glyph name="plus" /></button>
        <span className="grow" />
        <button type="button" className="quiet icon" onClick={() => close(active)} aria-label="Close this terminal" title="Close this terminal"><Glyph name="cross" /></button>
      </div>
      {tabs.map((tab) => (
        <div key={tab} role="tabpanel" id={`panel-${tab}`} aria-labelledby={`tab-${tab}`} className="terminal-panel" hidden={tab !== active}>
          <Terminal host={host} machine={firstMachine} theme={theme} visible={tab === active} onEnd={() => close(tab)} />
        </div>
      ))}
    </section>
  )
}
