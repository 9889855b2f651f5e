import type { AttemptView, SolutionView } from '../../../shared/contract'
import { Prose } from './Prose'

interface Props {
  readonly attempt: AttemptView
  readonly solution: SolutionView | undefined
  readonly onHint: () => void
  readonly onSolution: () => void
}

/** Hints as they were asked for, and the solution. */
export function Help({ attempt, solution, onHint, onSolution }: Props) {
  const { hints } = attempt
  return (
    <section className="help" aria-label="Help">
      {hints.shown.map((hint, index) => <Prose key={index} inline className="hint" text={hint} />)}
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
