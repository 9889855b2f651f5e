import DOMPurify from 'dompurify'
import { marked } from 'marked'
import { useMemo } from 'react'
import type { AttemptView } from '../../../shared/contract'

export function Task({ attempt }: { readonly attempt: AttemptView }) {
  const html = useMemo(() => DOMPurify.sanitize(marked.parse(attempt.task, { async: false })), [attempt.task])
  return (
    <section className="task" aria-label="Task" tabIndex={0}>
      <p className="ssh">Work on <code>ssh {attempt.host}</code>{attempt.namespace ? <> in namespace <code>{attempt.namespace}</code></> : null}</p>
      <div dangerouslySetInnerHTML={{ __html: html }} />
    </section>
  )
}
