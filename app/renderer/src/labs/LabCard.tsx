import type { LabSummary } from '../../../shared/contract'
import { Glyph } from '../Glyph'
import { isSolved } from './Progress'

const levels = { easy: 1, medium: 2, hard: 3 } as const

export function LabCard({ lab, onStart }: { readonly lab: LabSummary; readonly onStart: (labId: string) => void }) {
  const again = lab.attempts > 0
  const verb = again ? 'Again' : 'Start'
  return (
    <li className={isSolved(lab) ? 'card solved' : 'card'}>
      <div className="card-head">
        <span className={`badge exam-${lab.exam.toLowerCase()}`}>{lab.exam}</span>
        <span className="grow" />
        <span className="level"><span className="dots" data-level={levels[lab.level]} aria-hidden="true"><i /><i /><i /></span>{lab.level}</span>
        <span className="level"><Glyph name="clock" />{Math.round(lab.targetSeconds / 60)} min</span>
      </div>
      <h3>{lab.title}</h3>
      <p className="domain">{lab.domain}</p>
      {lab.tags.length > 0 && <ul className="tags" aria-label="Tags">{lab.tags.map((tag) => <li key={tag}>{tag}</li>)}</ul>}
      <div className="card-foot">
        <Standing lab={lab} />
        <button type="button" className={isSolved(lab) ? '' : 'primary'} onClick={() => onStart(lab.id)} aria-label={`Start ${lab.title}${again ? ' again' : ''}`}>{verb}</button>
      </div>
    </li>
  )
}

/** How far the candidate has come with a lab. */
function Standing({ lab }: { readonly lab: LabSummary }) {
  if (isSolved(lab)) return <span className="standing good"><Glyph name="check" />Solved</span>
  if (!lab.best) return <span className="standing muted">{lab.attempts > 0 ? 'Started' : 'New'}</span>
  return (
    <span className="standing">
      <progress value={lab.best.points} max={lab.best.of} aria-label="Best result" />
      best {lab.best.points} of {lab.best.of}
    </span>
  )
}
