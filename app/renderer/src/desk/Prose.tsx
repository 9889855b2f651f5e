import DOMPurify from 'dompurify'
import { marked } from 'marked'
import { useMemo } from 'react'

interface Props {
  /** Markdown of a lab file. */
  readonly text: string
  /** One line, such as a hint: no paragraphs around it. */
  readonly inline?: boolean
  readonly className?: string
}

/** A lab author's Markdown, cleaned of everything that could run. */
export function Prose({ text, inline = false, className }: Props) {
  const html = useMemo(() => DOMPurify.sanitize(inline ? marked.parseInline(text, { async: false }) : marked.parse(text, { async: false })), [text, inline])
  return inline ? <p className={className} dangerouslySetInnerHTML={{ __html: html }} /> : <div className={className} dangerouslySetInnerHTML={{ __html: html }} />
}
