/** How the checks put their findings. */
export interface Finding {
  readonly reason: string
  readonly detail: string
}

export function quoted(items: readonly string[]): string {
  return items.map((item) => JSON.stringify(item)).join(', ')
}

export function plural(one: string, many: string, count: number): string {
  return count === 1 ? one : many
}

export function containersText(names: readonly string[]): string {
  return `${plural('container', 'containers', names.length)} ${quoted(names)}`
}

export function sorted(items: Iterable<string>): string[] {
  return [...new Set(items)].sort()
}
