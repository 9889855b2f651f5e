import { useEffect, useState } from 'react'
import type { AttemptView } from '../../shared/contract'
import { Desk } from './desk/Desk'
import { Glyph } from './Glyph'
import type { Host } from './host'
import { LabList } from './labs/LabList'
import { useTheme } from './theme'

type Place = { readonly kind: 'loading'; readonly text: string } | { readonly kind: 'list' } | { readonly kind: 'desk'; readonly attempt: AttemptView } | { readonly kind: 'lost' }

export function App({ host }: { readonly host: Host }) {
  const [place, setPlace] = useState<Place>({ kind: 'loading', text: 'Opening Seatrial' })
  const [error, setError] = useState<string>()
  const theme = useTheme()
  const arrive = (attempt: AttemptView | null): void => setPlace((now) => (now.kind === 'lost' ? now : attempt ? { kind: 'desk', attempt } : { kind: 'list' }))
  const fail = (problem: unknown): void => {
    setError((problem as Error).message)
    setPlace((now) => (now.kind === 'lost' ? now : { kind: 'list' }))
  }

  useEffect(() => {
    host.onLost(() => setPlace({ kind: 'lost' }))
    const stop = host.listen((event) => {
      if (event.event === 'progress') setPlace((now) => (now.kind === 'loading' ? { kind: 'loading', text: event.text } : now))
      // What another window or the command line did is seen here too.
      else if (event.event === 'attempt') arrive(event.attempt)
    })
    host.call('current', null).then(arrive, fail)
    return stop
  }, [host])

  const start = (labId: string): void => {
    setError(undefined)
    setPlace({ kind: 'loading', text: 'Setting the scene' })
    host.call('start', { labId }).then(arrive, fail)
  }
  const leave = (): void => void host.call('leave', null).then(() => arrive(null), fail)
  const title = place.kind === 'desk' ? `${place.attempt.title} · Seatrial` : 'Seatrial'
  useEffect(() => void (document.title = title), [title])

  if (place.kind === 'lost') return <Notice title="The trainer has stopped" text="Start Seatrial again: your attempt is kept and goes on where it was." />
  if (place.kind === 'loading') return <Notice title="Seatrial" text={place.text} busy />
  if (place.kind === 'desk') return <Desk key={place.attempt.id} host={host} attempt={place.attempt} theme={theme} onLeave={leave} />
  return <LabList host={host} theme={theme} error={error} onStart={start} />
}

function Notice({ title, text, busy = false }: { readonly title: string; readonly text: string; readonly busy?: boolean }) {
  return (
    <main className="notice">
      <span className="mark"><Glyph name={busy ? 'sail' : 'warning'} /></span>
      <h1>{title}</h1>
      <p role="status" aria-live="polite">{busy && <span className="spinner" aria-hidden="true" />}{text}{busy ? ' …' : ''}</p>
    </main>
  )
}
