/** .dockerignore: patterns, exceptions, and the order in which they count. */
export type Ignored = (path: string) => boolean

interface Rule { readonly pattern: RegExp; readonly keep: boolean }

export function ignoreRules(text: string): Ignored & { readonly keeps: boolean } {
  const rules = text.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#')).map(ruleOf)
  const ignored = (path: string): boolean => {
    const parts = path.split('/')
    const above = parts.map((_, index) => parts.slice(0, index + 1).join('/'))
    return rules.reduce((out, rule) => (above.some((each) => rule.pattern.test(each)) ? !rule.keep : out), false)
  }
  return Object.assign(ignored, { keeps: rules.some((rule) => rule.keep) })
}

function ruleOf(line: string): Rule {
  const keep = line.startsWith('!')
  const pattern = (keep ? line.slice(1) : line).trim().replace(/^(?:\.?\/)+/, '').replace(/\/+$/, '')
  return { keep, pattern: new RegExp(`^${globSource(pattern)}$`) }
}

/** Go's filepath.Match, and `**` for any number of directories. */
export function globSource(pattern: string): string {
  let out = ''
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i)
    if (pattern.startsWith('**/', i)) {
      out += '(?:.*/)?'
      i += 2
    } else if (pattern.startsWith('**', i)) {
      out += '.*'
      i++
    } else if (char === '*') out += '[^/]*'
    else if (char === '?') out += '[^/]'
    else if (char === '[') {
      const end = pattern.indexOf(']', i + 1)
      out += end < 0 ? '\\[' : pattern.slice(i, end + 1).replace('[!', '[^')
      if (end >= 0) i = end
    } else if (char === '\\' && i + 1 < pattern.length) out += `\\${pattern.charAt(++i)}`
    else out += char.replace(/[.+^${}()|\]\\]/, '\\$&')
  }
  return out
}
