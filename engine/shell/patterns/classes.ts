/** POSIX character classes as the inside of a JavaScript bracket expression (C.UTF-8: ASCII classes, plus letters of Unicode). */
export const characterClasses: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z\\u00aa\\u00b5\\u00ba\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02c1\\u0370-\\u03ff\\u0400-\\u052f',
  digit: '0-9',
  alnum: 'A-Za-z0-9\\u00aa\\u00b5\\u00ba\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02c1\\u0370-\\u03ff\\u0400-\\u052f',
  upper: 'A-Z\\u00c0-\\u00d6\\u00d8-\\u00de\\u0391-\\u03a9\\u0410-\\u042f',
  lower: 'a-z\\u00df-\\u00f6\\u00f8-\\u00ff\\u03b1-\\u03c9\\u0430-\\u044f',
  space: ' \\t\\n\\r\\f\\v',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  print: ' -~\\u00a0-\\ud7ff\\ue000-\\uffff',
  graph: '!-~\\u00a1-\\ud7ff\\ue000-\\uffff',
  cntrl: '\\u0000-\\u001f\\u007f',
  xdigit: '0-9A-Fa-f',
  word: 'A-Za-z0-9_',
}

/** A character inside a bracket expression of a RegExp with the `u` flag. */
export function escapeInBracket(c: string): string {
  return /[\\\]^[-]/.test(c) ? `\\${c}` : c
}

/** A character outside of brackets. */
export function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
