/** What kubectl's templates can call beyond text/template's own functions. */
import { illegalBase64At } from '#engine/base/base64'
import { decodeUtf8, fromBase64 } from '#engine/base/bytes'
import { fixed, type TemplateFunction, variadic } from '#engine/programs/common/gotemplate/template'

export const templateFunctions: Readonly<Record<string, TemplateFunction>> = {
  exists: variadic(1, (item: unknown, ...path: unknown[]) => exists(item, path)),
  base64decode: {
    ...fixed(1, (text: string) => {
      const wrong = illegalBase64At(text)
      if (wrong !== undefined) throw new Error(`base64 decode failed: illegal base64 data at input byte ${wrong}`)
      return decodeUtf8(fromBase64(text))
    }),
    ofStrings: true,
  },
}

/** Whether there is something at a path of keys and indexes. */
function exists(item: unknown, path: readonly unknown[]): boolean {
  let value = item
  for (const step of path) {
    if (value === null || typeof value !== 'object') return false
    const key = Array.isArray(value) ? Number(step) : String(step)
    if (!Object.hasOwn(value, key)) return false
    value = (value as Record<string | number, unknown>)[key]
  }
  return true
}
