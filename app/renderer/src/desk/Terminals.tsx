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

/** Where every terminal of the scene begins, as in the exam. */
const firstMachine = 'base'

interface Tab {
  readonly id: number
  /** A shell of the user's own computer. */
  readonly own: boolean
}

/** The terminals of one scene, a tab each. */
export function Terminals({ host, theme }: Props) {
  const [tabs, setTabs] = useState<readonly Tab[]>([{ id: 1, own: false }])
  const [active, setActive] = useState(1)

  const open = (own: boolean): void => {
    const id = Math.max(0, ...tabs.map((tab) => tab.id)) + 1
    setTabs([...tabs, { id, own }])
    setActive(id)
  }
  const close = (id: number): void => {
    const left = tabs.filter((tab) => tab.id !== id)
    const kept = left.length > 0 ? left : [{ id: id + 1, own: false }]
    setTabs(kept)
    if (active === id) setActive(kept[Math.min(indexOf(id), kept.length - 1)]?.id ?? 1)
  }
  const indexOf = (id: number): number => tabs.findIndex((tab) => tab.id === id)

  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent): void => {
      const tab = tabs[terminalAsked(event) ?? -1]
      if (tab === undefined) return
      event.preventDefault()
      setActive(tab.id)
    }
    addEventListener('keydown', onKey, true)
    return () => removeEventListener('keydown', onKey, true)
  }, [tabs])

  const onTabKey = (event: KeyboardEvent): void => {
    const at = indexOf(active)
    const next = { ArrowRight: (at + 1) % tabs.length, ArrowLeft: (at + tabs.length - 1) % tabs.length, Home: 0, End: tabs.length - 1 }[event.key]
    if (next === undefined) return
    event.preventDefault()
    const tab = tabs[next]?.id ?? active
    setActive(tab)
    document.getElementById(`tab-${tab}`)?.focus()
  }

  return (
    <section className="terminals" aria-label="Terminals">
      <div className="tabs">
        <div role="tablist" aria-label="Terminals" onKeyDown={onTabKey}>
          {tabs.map(({ id, own }, index) => (
            <button key={id} type="button" role="tab" id={`tab-${id}`} aria-selected={id === active} aria-controls={`panel-${id}`} tabIndex={id === active ? 0 : -1} onClick={() => setActive(id)}>
              {own && <Glyph name="computer" />}{own ? 'this computer' : firstMachine} {index + 1}
            </button>
          ))}
        </div>
        <button type="button" className="quiet icon" onClick={() => open(false)} aria-label="New terminal" title="New terminal"><Glyph name="plus" /></button>
        <button type="button" className="quiet icon" onClick={() => open(true)} aria-label="New shell of this computer" title="A shell of this computer: your own kubectl, helm or k9s, with KUBECONFIG set for this cluster"><Glyph name="computer" /></button>
        <span className="grow" />
        <button type="button" className="quiet icon" onClick={() => close(active)} aria-label="Close this terminal" title="Close this terminal"><Glyph name="cross" /></button>
      </div>
      {tabs.map(({ id, own }) => (
        <div key={id} role="tabpanel" id={`panel-${id}`} aria-labelledby={`tab-${id}`} className="terminal-panel" hidden={id !== active}>
          <Terminal host={host} machine={own ? undefined : firstMachine} theme={theme} visible={id === active} onEnd={() => close(id)} />
        </div>
      ))}
    </section>
  )
}
