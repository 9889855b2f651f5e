import type { AttemptView } from '../../../shared/contract'
import { Prose } from './Prose'

export function Task({ attempt }: { readonly attempt: AttemptView }) {
  return (
    <section className="task" aria-label="Task" tabIndex={0}>
      <p className="ssh">Work on <code>ssh {attempt.host}</code>{attempt.namespace ? <> in namespace <code>{attempt.namespace}</code></> : null}</p>
      <Prose text={attempt.task} />
    </section>
  )
}
