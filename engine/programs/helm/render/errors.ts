/** How failures of templates are worded. */
import { TemplateExecError, TemplateSyntaxError } from '#engine/programs/common/gotemplate/template'

const [mark, end] = ['HELM_ERR_START', 'HELM_ERR_END']

/** A message of `fail` or `required`, which is shown without the frames around it. */
export function marked(message: string): string {
  return mark + message + end
}

/** `parse error at (app/templates/x.yaml:1): function "uppercase" not defined`. */
export function parseFailure(path: string, error: unknown): Error {
  if (!(error instanceof TemplateSyntaxError)) return error as Error
  const tokens = error.message.split(': ')
  if (tokens.length === 1) return new Error(`parse error in (${path}): ${error.message}`)
  return new Error(`parse error at (${tokens[1] as string}): ${tokens[tokens.length - 1] as string}`)
}

/** `execution error at (app/templates/x.yaml:3:5): a name is needed`, or the template's own words. */
export function executionFailure(path: string, error: unknown): Error {
  if (!(error instanceof TemplateExecError)) return error as Error
  const [, location, rest] = /^[^:]*: (.*?): (.*)$/s.exec(error.message) ?? []
  if (location === undefined || rest === undefined) return new Error(`execution error in (${path}): ${error.message}`)
  const from = rest.indexOf(mark)
  const to = rest.lastIndexOf(end)
  return new Error(from >= 0 && to > from ? `execution error at (${location}): ${rest.slice(from + mark.length, to)}` : error.message)
}
