/** The method of a request, and options that ask for different ones. */
import type { CurlOptions } from './options'

/** Two options that ask for different methods. */
export function methodClash({ flags, values }: CurlOptions): string | undefined {
  const has = (...names: readonly string[]): boolean => names.some((name) => values.has(name))
  const kinds: readonly (readonly [boolean, string])[] = [
    [has('upload-file'), 'PUT \nWarning: (-T, --upload-file)'], [has('data', 'data-ascii', 'data-raw', 'data-binary', 'data-urlencode', 'json') && !flags.has('get'), 'POST \nWarning: (-d, --data)'],
    [has('form', 'form-string'), 'multipart formpost (-F, --form)'], [flags.has('head'), 'HEAD (-I, --head)'],
  ]
  const asked = kinds.filter(([on]) => on).map(([, text]) => text)
  const [first, second] = asked
  if (first === undefined || second === undefined) return undefined
  return `Warning: You can only select one HTTP request method! You asked for both ${first} and ${second.replace(' \nWarning:', '')}.\n`
}
