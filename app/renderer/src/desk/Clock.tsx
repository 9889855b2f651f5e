import { useEffect, useState } from 'react'
import { Glyph } from '../Glyph'

/** The last part of the target time, in which the clock warns. */
const lastPart = 0.15

/** Counts down the target time, then up past it. */
export function Clock({ startSeconds, targetSeconds }: { readonly startSeconds: number; readonly targetSeconds: number }) {
  const [elapsed, setElapsed] = useState(startSeconds)
  useEffect(() => {
    const begun = performance.now()
    const show = (): void => setElapsed(startSeconds + (performance.now() - begun) / 1000)
    show()
    const timer = setInterval(show, 1000)
    return () => clearInterval(timer)
  }, [startSeconds])
  const left = Math.round(targetSeconds - elapsed)
  const state = left < 0 ? 'over' : left < targetSeconds * lastPart ? 'soon' : ''
  return (
    <span className={`clock ${state}`} role="timer" aria-label={left < 0 ? 'Over the target time' : 'Time left'} title={`Target time ${minutes(targetSeconds)}`}>
      <Glyph name="clock" />{left < 0 ? '+' : ''}{minutes(Math.abs(left))}
    </span>
  )
}

/** Minutes and seconds, as on a clock. */
export function minutes(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds) % 60).padStart(2, '0')}`
}
