import type { AttemptView, SolutionView } from '../../../shared/contract'
import { Glyph } from '../Glyph'
import { useToast } from '../Toasts'
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
  const cost = hints.nextCosts > 0 ? ` (costs ${hints.nextCosts} point${hints.nextCosts === 1 ? '' : 's'})` : ''
  return (
    <section className="help" aria-label="Help">
      {hints.shown.length > 0 && <ol className="hints" aria-label="Hints">{hints.shown.map((hint, index) => <li key={index}><Glyph name="bulb" /><Prose inline text={hint} /></li>)}</ol>}
      <div className="help-bar">
        {hints.left > 0 && <button type="button" onClick={onHint}><Glyph name="bulb" />{hints.shown.length > 0 ? 'Next hint' : 'Hint'}{cost}</button>}
        {!solution && <button type="button" className="quiet" onClick={onSolution}>Show the solution</button>}
      </div>
      {solution && <Solution solution={solution} />}
    </section>
  )
}

function Solution({ solution }: { readonly solution: SolutionView }) {
  const toast = useToast()
  const copy = (text: string): void => void navigator.clipboard.writeText(text).then(() => toast({ text: 'Copied' }), () => toast({ text: 'The browser does not let this page copy' }))
  return (
    <section className="solution" aria-labelledby="solution">
      <h2 id="solution">Solution</h2>
      <ol>
        {solution.steps.map((step, index) => (
          <li key={index}>
            <div className="step-head">
              <span className="muted">on {step.on}</span>
              <button type="button" className="quiet icon" onClick={() => copy(step.run.trim())} aria-label={`Copy step ${index + 1}`} title="Copy"><Glyph name="copy" /></button>
            </div>
            <pre tabIndex={0}>{step.run.trim()}</pre>
          </li>
        ))}
      </ol>
    </section>
  )
}
