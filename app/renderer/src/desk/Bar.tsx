import type { AttemptView } from '../../../shared/contract'
import type { Theme } from '../theme'
import { Clock } from './Clock'
import { keys } from './keys'

interface Props {
  readonly attempt: AttemptView
  readonly theme: Theme
  /** What the host is doing, if it is doing something. */
  readonly busy: string | undefined
  readonly onLeave: () => void
  readonly onSkip: () => void
  readonly onReset: () => void
  readonly onCheck: () => void
}

export function Bar({ attempt, theme, busy, onLeave, onSkip, onReset, onCheck }: Props) {
  const working = busy !== undefined
  return (
    <header className="desk-bar">
      <button type="button" onClick={onLeave} aria-label="Back to the labs">← Labs</button>
      <h1>{attempt.title}</h1>
      <span className={`badge exam-${attempt.exam.toLowerCase()}`}>{attempt.exam}</span>
      <span className="grow" />
      <Clock startSeconds={attempt.elapsedSeconds} targetSeconds={attempt.targetSeconds} />
      <button type="button" onClick={onSkip} disabled={working} aria-label="Let a minute pass in the cluster" title="Let a minute pass in the cluster">+1 min</button>
      <span className="pair" role="group" aria-label="Letters in the terminal">
        <button type="button" onClick={() => theme.setFontSize(theme.fontSize - 1)} aria-label="Smaller letters in the terminal">A−</button>
        <button type="button" onClick={() => theme.setFontSize(theme.fontSize + 1)} aria-label="Larger letters in the terminal">A+</button>
      </span>
      <button type="button" onClick={theme.toggle}>{theme.dark ? 'Light' : 'Dark'}</button>
      <details className="keys">
        <summary>Keys</summary>
        <dl>{keys.map(([key, does]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{does}</dd></div>)}</dl>
      </details>
      <button type="button" onClick={onReset} disabled={working}>Reset</button>
      <button type="button" className="primary" onClick={onCheck} disabled={working} title="Ctrl+Enter">{busy ?? 'Check'}</button>
    </header>
  )
}
