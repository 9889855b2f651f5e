/** Pure functions of text that remember what they made: a copy of a cluster reads the same files again. What is remembered is shared, so nobody may change it. */

/** The same function; the `most` results asked for are kept, then all are forgotten. What throws is not remembered. */
export function remembered<T>(most: number, make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const made = make(text)
    if (known.size >= most) known.clear()
    known.set(text, made)
    return made
  }
}
