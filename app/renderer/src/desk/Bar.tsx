import type { AttemptView } from '../../../shared/contract'
import { Glyph } from '../Glyph'
import type { Theme } from '../theme'
import { Clock } from './Clock'
import { Menu } from './Menu'

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
      <button type="button" className="quiet" onClick={onLeave} aria-label="Back to the Labs"><Glyph name="back" />Labs</button>
      <span className={`badge exam-${attempt.exam.toLowerCase()}`}>{attempt.exam}</span>
      <h1 className="grow">{attempt.title}</h1>
      <Clock startSeconds={attempt.elapsedSeconds} targetSeconds={attempt.targetSeconds} />
      <button type="button" onClick={onSkip} disabled={working} aria-label="+1 min: let a minute pass in the cluster" title="Let a minute pass in the cluster"><Glyph name="forward" />+1 min</button>
      <button type="button" onClick={onReset} disabled={working} title="Put the scene back as it was at the start"><Glyph name="reset" />Reset</button>
      <button type="button" className="primary check" onClick={onCheck} disabled={working} title="Ctrl+Enter">
        {working ? <><span className="spinner" aria-hidden="true" />{busy}</> : <><Glyph name="check" />Check</>}
      </button>
      <Menu theme={theme} />
    </header>
  )
}
