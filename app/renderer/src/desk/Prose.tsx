import DOMPurify from 'dompurify'
import { Marked } from 'marked'
import { type KeyboardEvent, type MouseEvent, useMemo } from 'react'
import { useToast } from '../Toasts'

interface Props {
  /** Markdown of a lab file. */
  readonly text: string
  /** One line, such as a hint: no paragraphs around it. */
  readonly inline?: boolean
  readonly className?: string
}

/** As in the exam, a name or a command in a text is copied by a click on it. */
const marked = new Marked({
  renderer: {
    codespan: ({ text }) => `<code role="button" tabindex="0" title="Copy">${escape(text)}</code>`,
    link: ({ href, text }) => `<a href="${escape(href)}" target="_blank" rel="noreferrer">${escape(text)}</a>`,
  },
})

/** A lab author's Markdown, cleaned of everything that could run. */
export function Prose({ text, inline = false, className }: Props) {
  const toast = useToast()
  const html = useMemo(() => DOMPurify.sanitize(inline ? marked.parseInline(text, { async: false }) : marked.parse(text, { async: false }), { ADD_ATTR: ['target'] }), [text, inline])
  const copy = (event: MouseEvent | KeyboardEvent): void => {
    const code = (event.target as HTMLElement).closest('code[role="button"]')
    if (!code || ('key' in event && event.key !== 'Enter' && event.key !== ' ') || (!('key' in event) && getSelection()?.toString())) return
    event.preventDefault()
    navigator.clipboard.writeText(code.textContent ?? '').then(
      () => toast({ text: `Copied: ${code.textContent ?? ''}` }),
      () => toast({ text: 'The browser does not let this page copy' }),
    )
  }
  const rest = { className, onClick: copy, onKeyDown: copy, dangerouslySetInnerHTML: { __html: html } }
  return inline ? <p {...rest} /> : <div {...rest} />
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
