import { useState } from 'react'
import { Group, Panel, Separator } from 'react-resizable-panels'
import type { AttemptView, SolutionView } from '../../../shared/contract'
import { Glyph } from '../Glyph'
import type { Host } from '../host'
import type { Theme } from '../theme'
import { useToast } from '../Toasts'
import { useMedia } from '../useMedia'
import { Bar } from './Bar'
import './desk.css'
import { Help } from './Help'
import { useKeys } from './keys'
import { Results } from './Results'
import { Task } from './Task'
import { Terminals } from './Terminals'

interface Props {
  readonly host: Host
  readonly attempt: AttemptView
  readonly theme: Theme
  readonly onLeave: () => void
}

export function Desk({ host, attempt, theme, onLeave }: Props) {
  const [solution, setSolution] = useState<SolutionView>()
  const [busy, setBusy] = useState<string>()
  const [error, setError] = useState<string>()
  const narrow = useMedia('(max-width: 44rem)')
  const toast = useToast()

  const work = async <T,>(what: string, run: () => Promise<T>, then: (result: T) => void = () => undefined): Promise<void> => {
    if (busy !== undefined) return
    setBusy(what)
    setError(undefined)
    try {
      then(await run())
    } catch (problem) {
      setError((problem as Error).message)
    } finally {
      setBusy(undefined)
    }
  }
  // What an answer changes of the attempt comes to every window as an event.
  const check = (): void => void work('Checking', () => host.call('check', null))
  const skip = (): void => void work('Waiting', () => host.call('fastForward', { seconds: 60 }), () => toast({ text: 'A minute has passed in the cluster' }))
  const undo = (): void => void work('Resetting', () => host.call('undoReset', null))
  const reset = (): void => void work('Resetting', () => host.call('reset', null), () => toast({ text: 'The scene is as it was at the start', action: { label: 'Undo', run: undo } }))

  useKeys(check)

  return (
    <div className="desk">
      <Bar attempt={attempt} theme={theme} busy={busy} onLeave={onLeave} onSkip={skip} onReset={reset} onCheck={check} />
      {attempt.notice && <p className="banner" role="status"><Glyph name="warning" /><span>{attempt.notice}</span></p>}
      {error && <p className="banner bad" role="alert"><Glyph name="warning" /><span>{error}</span></p>}
      <main className="panels">
        <Group orientation={narrow ? 'vertical' : 'horizontal'}>
          <Panel defaultSize={narrow ? '45%' : '35%'} minSize="20%">
            <div className="left">
              <Task attempt={attempt} />
              <Help
                attempt={attempt}
                solution={solution}
                onHint={() => void work('Asking', () => host.call('hint', null))}
                onSolution={() => void work('Asking', () => host.call('solution', null), setSolution)}
              />
              {attempt.lastGrade && <Results grade={attempt.lastGrade} targetSeconds={attempt.targetSeconds} onLeave={onLeave} />}
            </div>
          </Panel>
          <Separator className="separator" aria-label="Size of the task" />
          <Panel minSize="30%">
            <Terminals key={attempt.scene} host={host} theme={theme} />
          </Panel>
        </Group>
      </main>
    </div>
  )
}
