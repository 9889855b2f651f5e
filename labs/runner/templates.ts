/** What is wrong with the templates of a lab, found before anybody starts it. */
import Handlebars from 'handlebars'
import { nearest } from './nearest'

export interface TemplateProblem {
  /** Where in the lab: keys and indexes. */
  readonly path: readonly string[]
  readonly message: string
}

/** Every text that is no template, or names a variable that the lab does not declare. */
export function templateProblems(value: unknown, variables: readonly string[], path: readonly string[] = []): TemplateProblem[] {
  if (typeof value === 'string') return problemsOf(value, variables).map((message) => ({ path, message }))
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, item]) => templateProblems(item, variables, [...path, key]))
}

function problemsOf(text: string, variables: readonly string[]): string[] {
  if (!text.includes('{{')) return []
  try {
    return Handlebars.parse(text).body.flatMap((statement) => statementProblems(statement as Statement, variables))
  } catch (error) {
    const [, line = '1'] = /Parse error on line (\d+)/.exec((error as Error).message) ?? []
    return [`the template breaks on line ${line} of this text: write {{name}} for a variable, and \\{{ where two braces are meant as they are`]
  }
}

interface Statement {
  readonly type: string
  readonly path?: { readonly original?: unknown }
}

function statementProblems({ type, path }: Statement, variables: readonly string[]): string[] {
  if (type === 'ContentStatement' || type === 'CommentStatement') return []
  const name = String(path?.original ?? '')
  if (type !== 'MustacheStatement') return [`a template may only name variables, as in {{name}}`]
  if (variables.includes(name)) return []
  const near = nearest(name, variables)
  return [`there is no variable "${name}"${near ? `: did you mean "${near}"?` : variables.length > 0 ? `; there are ${variables.join(', ')}` : ': the lab declares none'}`]
}
