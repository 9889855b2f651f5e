/** What went wrong with the objects of one editing round, and the comments that tell it in the next. */
import { isReason, StatusError } from '#engine/api/status'
import type { Info } from '#engine/programs/kubectl/resources/info'

interface Reason {
  readonly head: string
  readonly others: readonly string[]
}

const intro = `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`

const annotationIntro = `# Please edit the 'last-applied-configuration' annotations below.
# Lines beginning with a '#' will be ignored, and an empty file will abort the edit.
#
`

export class EditResults {
  private readonly reasons: Reason[] = []
  retryable = 0
  notFound = 0
  invalid = 0

  /** Keeps the failure; returns the line to print. */
  add(error: Error, { mapping, name }: Info): string {
    const resource = mapping.group === '' ? mapping.resource : `${mapping.resource}.${mapping.group}`
    const subject = `${resource} ${JSON.stringify(name)}`
    if (error instanceof StatusError && isReason(error, 'Invalid')) {
      this.invalid++
      this.reasons.push({ head: `${subject} was not valid`, others: (error.status.details?.causes ?? []).map((cause) => `${cause.field ?? ''}: ${cause.message ?? ''}`) })
      return `error: ${subject} is invalid`
    }
    if (isReason(error, 'NotFound')) {
      this.notFound++
      return `error: ${subject} could not be found on the server`
    }
    this.retryable++
    return `error: ${subject} could not be patched: ${error.message}`
  }

  addSyntaxError(error: Error): void {
    this.reasons.push({ head: `The edited file had a syntax error: ${error.message}`, others: [] })
  }

  get hasReasons(): boolean {
    return this.reasons.length > 0
  }

  header(ofAnnotations: boolean): string {
    const reasons = this.reasons.map(({ head, others }) => `# ${commented(head)}${others.length > 0 ? ':' : ''}\n${others.map((other) => `# * ${commented(other)}\n`).join('')}#\n`)
    return (ofAnnotations ? annotationIntro : intro) + reasons.join('')
  }
}

function commented(text: string): string {
  return text.replaceAll('\n', '\n# ')
}
