/** Edited files without their comments, to be compared. */
import { compactJson } from '#engine/api/jsonpath/evaluate'
import { parseYaml } from '#engine/base/yaml/parser'

function isComment(line: string): boolean {
  return line.trim().startsWith('#')
}

export function withoutCommentLines(text: string): string {
  return text.split('\n').filter((line) => !isComment(line)).join('\n')
}

/** Equal for files that mean the same; the bare lines where the text is no YAML. */
export function meaningOf(text: string): string {
  try {
    return compactJson(parseYaml(text))
  } catch {
    return withoutCommentLines(text)
  }
}

export function hasContent(text: string): boolean {
  return text.split('\n').some((line) => line.trim() !== '' && !isComment(line))
}
