/** Splitting a line among names as `read` does: the last name takes the rest. */
interface Character {
  readonly c: string
  readonly escaped: boolean
}

export function splitRead(characters: readonly Character[], ifs: string | undefined, names: number): string[] {
  const separators = ifs ?? ' \t\n'
  const isSpace = (one: Character | undefined): boolean => one !== undefined && !one.escaped && ' \t\n'.includes(one.c) && separators.includes(one.c)
  const isSeparator = (one: Character | undefined): boolean => one !== undefined && !one.escaped && separators.includes(one.c)
  const out: string[] = []
  let i = 0
  while (isSpace(characters[i])) i++
  while (i < characters.length && out.length < names - 1) {
    let field = ''
    while (i < characters.length && !isSeparator(characters[i])) field += (characters[i++] as Character).c
    out.push(field)
    while (isSpace(characters[i])) i++
    if (isSeparator(characters[i]) && !isSpace(characters[i])) {
      i++
      while (isSpace(characters[i])) i++
    }
  }
  if (i < characters.length && out.length < names) out.push(lastField(characters, i, isSpace, isSeparator))
  return out
}

/** The rest without trailing separators of white space; one other separator at the very end goes too if it is the only one. */
function lastField(characters: readonly Character[], from: number, isSpace: (one: Character | undefined) => boolean, isSeparator: (one: Character | undefined) => boolean): string {
  let end = characters.length
  while (end > from && isSpace(characters[end - 1])) end--
  if (end > from && isSeparator(characters[end - 1]) && !isSpace(characters[end - 1]) && !characters.slice(from, end - 1).some((one) => isSeparator(one))) {
    end--
    while (end > from && isSpace(characters[end - 1])) end--
  }
  return characters.slice(from, end).map((one) => one.c).join('')
}
