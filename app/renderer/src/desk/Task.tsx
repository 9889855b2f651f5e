import type { AttemptView } from '../../../shared/contract'
import { Prose } from './Prose'

export function Task({ attempt }: { readonly attempt: AttemptView }) {
  const where = attempt.namespace ? `Work on \`ssh ${attempt.host}\` in namespace \`${attempt.namespace}\`` : `Work on \`ssh ${attempt.host}\``
  return (
    <section className="task" aria-label="Task" tabIndex={0}>
      <Prose inline className="ssh" text={where} />
      <Prose text={attempt.task} />
    </section>
  )
}
