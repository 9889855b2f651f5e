/** `--file=<(cmd)` is one word to bash; the parser cuts it before each process substitution. */
import type { Command, Word } from 'unbash'

type Entry = Command['suffix'][number]

/** Words that stand together without a blank become one again. */
export function glued(entries: readonly Entry[]): readonly Entry[] {
  if (!entries.some(isSubstitution)) return entries
  const out: Entry[] = []
  for (const entry of entries) {
    const last = out.at(-1)
    if (last?.type === 'Word' && entry.type === 'Word' && last.end === entry.pos) out[out.length - 1] = together(last, entry)
    else out.push(entry)
  }
  return out
}

function isSubstitution(entry: Entry): boolean {
  return entry.type === 'Word' && /^[<>]\(/.test(entry.text)
}

function together(a: Word, b: Word): Word {
  return { type: 'Word', pos: a.pos, end: b.end, text: a.text + b.text, value: a.value + b.value, parts: [...partsOf(a), ...partsOf(b)] }
}

function partsOf(word: Word): NonNullable<Word['parts']> {
  return word.parts ?? [{ type: 'Literal', pos: word.pos, end: word.end, text: word.text, value: word.value }]
}
