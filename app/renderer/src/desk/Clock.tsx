import { useEffect, useState } from 'react'

/** Counts down the target time, then up past it. */
export function Clock({ startSeconds, targetSeconds }: { readonly startSeconds: number; readonly targetSeconds: number }) {
  const [elapsed, setElapsed] = useState(startSeconds)
  useEffect(() => {
    const begun = performance.now()
    const timer = setInterval(() => setElapsed(startSeconds + (performance.now() - begun) / 1000), 1000)
    return () => clearInterval(timer)
  }, [startSeconds])
  const left = Math.round(targetSeconds - elapsed)
  const minutes = Math.floor(Math.abs(left) / 60)
  const text = `${left < 0 ? '+' : ''}${minutes}:${String(Math.abs(left) % 60).padStart(2, '0')}`
  return <span className={left < 0 ? 'clock over' : 'clock'} role="timer" aria-label={left < 0 ? 'Over the target time' : 'Time left'}>{text}</span>
}
