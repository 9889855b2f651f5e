/**
 * Sets in the form of FieldsV1. What is written is shared: a thousand pods of one template name the same fields, so they hold
 * one form of them, and what was written is not read again. Neither forms nor sets are ever changed in place.
 */
import { sortedParts, type FieldNode } from './set'

type FieldsV1 = Record<string, unknown>

interface Written {
  readonly form: FieldsV1
  /** The form, spelled out: equal texts are equal forms. */
  readonly text: string
}

const leaf: Written = { form: Object.freeze({}), text: '' }
const known = new Map<string, FieldsV1>()
const mostKnown = 4096
const sets = new WeakMap<object, FieldNode>()

/** Of sets that were written: most of them stay as they are from one write of an object to the next. */
const forms = new WeakMap<FieldNode, FieldsV1>()

export function toFieldsV1(node: FieldNode): FieldsV1 {
  const written = forms.get(node)
  if (written) return written
  const form = known.get(textOf(node)) ?? write(node).form
  forms.set(node, form)
  return form
}

/** As `write` spells it. */
function textOf(node: FieldNode): string {
  if (node.kids.size === 0) return leaf.text
  let text = node.own ? '.' : ''
  for (const part of sortedParts(node)) text += `${part.length}:${part}(${textOf(node.kids.get(part) as FieldNode)})`
  return text
}

function write(node: FieldNode): Written {
  if (node.kids.size === 0) return leaf
  const form: FieldsV1 = {}
  let text = ''
  if (node.own) {
    form['.'] = leaf.form
    text = '.'
  }
  for (const part of sortedParts(node)) {
    const below = write(node.kids.get(part) as FieldNode)
    form[part] = below.form
    text += `${part.length}:${part}(${below.text})`
  }
  return { form: shared(form, text, node), text }
}

function shared(form: FieldsV1, text: string, node: FieldNode): FieldsV1 {
  const same = known.get(text)
  if (same) return same
  if (known.size >= mostKnown) known.clear()
  known.set(text, form)
  sets.set(form, node)
  return form
}

export function fromFieldsV1(fields: FieldsV1 | undefined, top = true): FieldNode {
  // A client may send anything here: what is no map names no fields.
  if (typeof fields !== 'object') return { own: !top, kids: new Map() }
  const read = fields && sets.get(fields)
  if (read) return read
  const kids = new Map<string, FieldNode>()
  let own = false
  let count = 0
  for (const part in fields) {
    count++
    if (part === '.') own = true
    else kids.set(part, fromFieldsV1(fields[part] as FieldsV1, false))
  }
  return { own: own || (count === 0 && !top), kids }
}
