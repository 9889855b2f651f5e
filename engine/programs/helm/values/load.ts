/** values.yaml: several documents are laid over one another. */
import { decodeValues } from './yaml'
import { mergeMaps } from './merge'
import type { Values } from './types'

export function loadValues(text: string): Values {
  const documents = text.split(/^---[ \t]*$/m)
  if (documents.length === 1) return decodeValues(text)
  return documents.reduce<Values>((values, document) => mergeMaps(values, decodeValues(document)), {})
}
