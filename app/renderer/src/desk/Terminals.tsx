import { useState } from 'react'
import type { Host } from '../host'
import type { Theme } from '../theme'
import { Terminal } from './Terminal'

interface Tab {
  readonly id: number
  readonly host: string
}

interface Props {
  readonly host: Host
  readonly theme: Theme
  readonly machines: readonly string[]
}

export function Terminals({ host, theme }: Props) {
  const [tabs, setTabs] = useState<readonly Tab[]>([{ id: 1, host: 'base' }])
  const [active, setActive] = useState(1)
  const open = (): void => {
    const id = Math.max(0, ...tabs.map((tab) => tab.id)) + 1
    setTabs([...tabs, { id, host: 'base' }])
    setActive(id)
  }
  const close = (id: number): void => {
    const left = tabs.filter((tab) => tab.id !== id)
    const kept = left.length > 0 ? left : [{ id: id + 1, host: 'base' }]
    setTabs(kept)
    if (active === id) setActive(kept.at(-1)?.id ?? 1)
  }
  return (
    <section className="terminals" aria-label="Terminals">
      <div className="tabs">
        <div role="tablist" aria-label="Terminals">
          {tabs.map((tab, index) => (
            <button key={tab.id} type="button" role="tab" id={`tab-${tab.id}`} aria-selected={tab.id === active} aria-controls={`panel-${tab.id}`} onClick={() => setActive(tab.id)}>
              {tab.host} {index + 1}
            </button>
          ))}
        </div>
        <button type="button" onClick={open} aria-label="New terminal">+</button>
        <button type="button" onClick={() => close(active)} aria-label="Close this terminal">×</button>
      </div>
      {tabs.map((tab) => (
        <div key={tab.id} role="tabpanel" id={`panel-${tab.id}`} aria-labelledby={`tab-${tab.id}`} className="terminal-panel" hidden={tab.id !== active}>
          <Terminal host={host} machine={tab.host} theme={theme} visible={tab.id === active} onEnd={() => close(tab.id)} />
        </div>
      ))}
    </section>
  )
}
