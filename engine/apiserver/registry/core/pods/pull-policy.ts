/** `latest`, spoken or not, is always pulled. A reference that cannot be read has no tag. */
export function pullPolicyOf(image: string): 'Always' | 'IfNotPresent' {
  const match = /^(?:[a-zA-Z0-9.-]+(?::[0-9]+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?<digest>@[A-Za-z][A-Za-z0-9]*:[0-9a-fA-F]{32,})?$/.exec(image)
  if (!match) return 'IfNotPresent'
  const { tag, digest } = match.groups ?? {}
  return tag === 'latest' || (!tag && !digest) ? 'Always' : 'IfNotPresent'
}
