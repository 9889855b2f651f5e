import { useEffect, useState } from 'react'
import { Group, Panel, Separator } from 'react-resizable-panels'
import type { AttemptView, GradeView, SolutionView } from '../../../shared/contract'
import type { Host } from '../host'
import type { Theme } from '../theme'
import { Clock } from './Clock'
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
  const reset = (): void =>
    void work('Resetting', () => host.call('reset', null), (view) => {
      setAttempt(view)
      setGrade(undefined)
      setGeneration((now) => now + 1)
    })

  useControlEnter(check)

  return (
    <div className="desk">
      <header className="desk-bar">
        <button type="button" onClick={onLeave} aria-label="Back to the labs">← Labs</button>
        <h1>{attempt.title}</h1>
        <span className={`badge exam-${attempt.exam.toLowerCase()}`}>{attempt.exam}</span>
        <span className="grow" />
        <Clock startSeconds={attempt.elapsedSeconds} targetSeconds={attempt.targetSeconds} />
        <button type="button" onClick={() => theme.setFontSize(theme.fontSize - 1)} aria-label="Smaller letters in the terminal">A−</button>
        <button type="button" onClick={() => theme.setFontSize(theme.fontSize + 1)} aria-label="Larger letters in the terminal">A+</button>
        <button type="button" onClick={theme.toggle}>{theme.dark ? 'Light' : 'Dark'}</button>
        <button type="button" onClick={reset} disabled={busy !== undefined}>Reset</button>
        <button type="button" className="primary" onClick={check} disabled={busy !== undefined} title="Ctrl+Enter">{busy ?? 'Check'}</button>
      </header>
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

function useControlEnter(run: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (!event.ctrlKey || event.key !== 'Enter') return
      event.preventDefault()
      run()
    }
    addEventListener('keydown', onKey, true)
    return () => removeEventListener('keydown', onKey, true)
  })
}

interface HelpProps {
  readonly attempt: AttemptView
  readonly solution: SolutionView | undefined
  readonly onHint: () => void
  readonly onSolution: () => void
}

function Help({ attempt, solution, onHint, onSolution }: HelpProps) {
  const { hints } = attempt
  return (
    <section className="help" aria-label="Help">
      {hints.shown.map((hint, index) => <p key={index} className="hint">{hint}</p>)}
      <div className="bar">
        {hints.left > 0 && <button type="button" onClick={onHint}>Hint{hints.nextCosts > 0 ? ` (costs ${hints.nextCosts})` : ''}</button>}
        {!solution && <button type="button" onClick={onSolution}>Show the solution</button>}
      </div>
      {solution && (
        <div className="solution">
          <h2>Solution</h2>
          {solution.steps.map((step, index) => (
            <div key={index}>
              <p className="muted">on {step.on}</p>
              <pre tabIndex={0}>{step.run.trim()}</pre>
            </div>
          ))}
        </div>
      )}
    </section>
  )
}
