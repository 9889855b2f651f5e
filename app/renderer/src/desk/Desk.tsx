import { useState } from 'react'
import { Group, Panel, Separator } from 'react-resizable-panels'
import type { AttemptView, GradeView, SolutionView } from '../../../shared/contract'
import type { Host } from '../host'
import type { Theme } from '../theme'
import { Bar } from './Bar'
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

export function Desk({ host, attempt: initial, theme, onLeave }: Props) {
  const [attempt, setAttempt] = useState(initial)
  const [grade, setGrade] = useState<GradeView | undefined>(initial.lastGrade)
  const [solution, setSolution] = useState<SolutionView>()
  const [busy, setBusy] = useState<string>()
  const [error, setError] = useState<string>()
  const [generation, setGeneration] = useState(0)

  const work = async <T,>(what: string, run: () => Promise<T>, then: (result: T) => void): Promise<void> => {
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
  const check = (): void => void work('Checking', () => host.call('check', null), setGrade)
  const skip = (): void => void work('Waiting', () => host.call('fastForward', { seconds: 60 }), () => undefined)
  const reset = (): void =>
    void work('Resetting', () => host.call('reset', null), (view) => {
      setAttempt(view)
      setGrade(undefined)
      setGeneration((now) => now + 1)
    })

  useKeys(check)

  return (
    <div className="desk">
      <Bar attempt={attempt} theme={theme} busy={busy} onLeave={onLeave} onSkip={skip} onReset={reset} onCheck={check} />
      {attempt.notice && <p className="attention" role="status">{attempt.notice}</p>}
      {error && <p className="error" role="alert">{error}</p>}
      <Group className="panels" orientation="horizontal">
        <Panel defaultSize="36%" minSize="20%">
          <div className="left">
            <Task attempt={attempt} />
            <Help
              attempt={attempt}
              solution={solution}
              onHint={() => void work('Asking', () => host.call('hint', null), setAttempt)}
              onSolution={() => void work('Asking', () => host.call('solution', null), setSolution)}
            />
            {grade && <Results grade={grade} />}
          </div>
        </Panel>
        <Separator className="separator" aria-label="Width of the task" />
        <Panel minSize="30%">
          <Terminals key={generation} host={host} theme={theme} machines={attempt.machines} />
        </Panel>
      </Group>
    </div>
  )
}
