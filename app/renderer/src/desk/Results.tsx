import { useEffect, useRef } from 'react'
import type { CheckView, GradeView } from '../../../shared/contract'
import { Glyph, type GlyphName } from '../Glyph'
import { minutes } from './Clock'
import { Prose } from './Prose'
import './results.css'

interface Props {
  readonly grade: GradeView
  readonly targetSeconds: number
  readonly onLeave: () => void
}

export function Results({ grade, targetSeconds, onLeave }: Props) {
  const section = useRef<HTMLElement>(null)
  useEffect(() => show(section.current), [grade])
  const full = grade.points === grade.of
  return (
    <section className="results" aria-live="polite" aria-label="Result" ref={section}>
      <div className="score">
        <h2 className={full ? 'good' : ''}>{grade.points} of {grade.of} points{grade.hintPoints > 0 ? `, less ${grade.hintPoints} for hints` : ''}</h2>
        {grade.seconds !== undefined && <span className="muted">after {minutes(grade.seconds)} of {minutes(targetSeconds)}</span>}
        <progress value={grade.points} max={grade.of} aria-label="Points" />
      </div>
      {grade.gateLost && <p className="gate-lost"><Glyph name="warning" />Something that should have stayed as it was has changed: no points count.</p>}
      <ul>{grade.checks.map((check) => <Row key={check.id} check={check} />)}</ul>
      {full && !grade.gateLost && <div className="next"><button type="button" className="primary" onClick={onLeave}>Choose the next lab</button></div>}
    </section>
  )
}

/** Brings the result into the scrolled part it stands in, and moves nothing else. */
function show(section: HTMLElement | null): void {
  const behavior = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth'
  section?.closest('.left')?.scrollTo({ top: section.offsetTop - 12, behavior })
}

const glyphs: { readonly [K in CheckView['outcome']]: GlyphName } = { earned: 'check', lost: 'cross', error: 'warning' }

function Row({ check }: { readonly check: CheckView }) {
  return (
    <li className={check.outcome}>
      <div className="row">
        <span className="mark" role="img" aria-label={check.outcome}><Glyph name={glyphs[check.outcome]} /></span>
        <Prose inline className="grow" text={check.says} />
        <span className="points">{check.kind === 'check' ? `${check.points}/${check.of}` : 'must stay'}</span>
      </div>
      {check.outcome !== 'earned' && (
        <div className="why">
          {check.why && <Prose inline text={check.why} />}
          <dl className="compare">
            {check.expected !== '' && <div><dt>Expected</dt><dd tabIndex={0}>{check.expected}</dd></div>}
            <div className="found"><dt>Found</dt><dd tabIndex={0}>{check.actual}</dd></div>
          </dl>
          {check.read && <p><a href={check.read} target="_blank" rel="noreferrer">Read about it<span className="visually-hidden"> ({check.says}, opens in the browser)</span></a></p>}
        </div>
      )}
    </li>
  )
}
