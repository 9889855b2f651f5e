import { useEffect, useRef } from 'react'
import type { CheckView, GradeView } from '../../../shared/contract'
import { Prose } from './Prose'

export function Results({ grade }: { readonly grade: GradeView }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => void heading.current?.scrollIntoView({ block: 'nearest' }), [grade])
  const full = grade.points === grade.of
  return (
    <section className="results" aria-live="polite" aria-label="Result">
      <h2 ref={heading} className={full ? 'good' : ''}>
        {grade.points} of {grade.of} points{grade.hintPoints > 0 ? `, less ${grade.hintPoints} for hints` : ''}
      </h2>
      {grade.gateLost && <p className="error">Something that should have stayed as it was has changed: no points count.</p>}
      <ul>{grade.checks.map((check) => <Row key={check.id} check={check} />)}</ul>
    </section>
  )
}

function Row({ check }: { readonly check: CheckView }) {
  const mark = { earned: '✓', lost: '✗', error: '!' }[check.outcome]
  return (
    <li className={check.outcome}>
      <div className="row">
        <span className="mark" aria-label={check.outcome}>{mark}</span>
        <div className="grow"><Prose inline text={check.says} /></div>
        {check.kind === 'check' && <span className="points">{check.points}/{check.of}</span>}
      </div>
      {check.outcome !== 'earned' && (
        <div className="why">
          {check.why && <Prose inline text={check.why} />}
          <dl>
            <dt>expected</dt><dd>{check.expected}</dd>
            <dt>found</dt><dd>{check.actual}</dd>
          </dl>
          {check.read && <p><a href={check.read} target="_blank" rel="noreferrer">Read about it</a></p>}
        </div>
      )}
    </li>
  )
}
