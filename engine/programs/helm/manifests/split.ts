/** A text of several documents. */
export function splitManifests(text: string): string[] {
  return text.trim().split(/(?:^|\s*\n)---\s*/).filter((part) => part !== '').map((part) => part.trim())
}
