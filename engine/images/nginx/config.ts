/** nginx's configuration language: directives and blocks, includes, and its words for mistakes. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Files } from '#engine/linux/abi/files'

export interface Directive {
  readonly name: string
  readonly args: readonly string[]
  readonly block?: readonly Directive[]
  readonly file: string
  readonly line: number
}

/** What follows `nginx: [emerg] `. */
export class NginxConfigError extends Error {
  override readonly name = 'NginxConfigError'
}

interface Token {
  readonly text: string
  readonly line: number
  readonly quoted: boolean
}

const sizeLimit = 4 * 1024 * 1024
const includeDepth = 16

export function parseNginxConfig(files: Files, path: string): Directive[] {
  return new Loader(files).load(path, 0)
}

class Loader {
  constructor(private readonly files: Files) {}

  load(path: string, depth: number): Directive[] {
    let text: string
    try {
      text = this.files.readText(path)
    } catch (error) {
      if (isErrno(error)) throw new NginxConfigError(`open() "${path}" failed (${error.number}: ${error.message})`)
      throw error
    }
    if (text.length > sizeLimit || depth > includeDepth) throw new NginxConfigError(`too large or too deep configuration in ${path}`)
    return parseNginxText(text, path, (pattern, at) => this.include(pattern, at, depth))
  }

  private include(pattern: string, at: { file: string; line: number }, depth: number): Directive[] {
    const path = pattern.startsWith('/') ? pattern : `/etc/nginx/${pattern}`
    const slash = path.lastIndexOf('/')
    const name = path.slice(slash + 1)
    if (!name.includes('*')) {
      if (!this.files.exists(path)) throw new NginxConfigError(`open() "${path}" failed (2: No such file or directory) in ${at.file}:${at.line}`)
      return this.load(path, depth + 1)
    }
    const directory = path.slice(0, slash)
    if (!this.files.exists(directory)) return []
    const matches = new RegExp(`^${name.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*')}$`)
    const found = this.files.readDirectory(directory).map((entry) => entry.name).filter((entry) => matches.test(entry) && !entry.startsWith('.')).sort()
    return found.flatMap((entry) => this.load(`${directory}/${entry}`, depth + 1))
  }
}

type Include = (pattern: string, at: { file: string; line: number }) => Directive[]

/** Files read lately that include no others: a thousand containers of one image read the same, and directives never change. */
const knownTexts = new Map<string, readonly Directive[]>()
const mostKnownTexts = 32

export function parseNginxText(text: string, file: string, include: Include): Directive[] {
  const key = `${file}\n${text}`
  const known = knownTexts.get(key)
  if (known) return [...known]
  let includes = false
  const parser = new Parser(tokensOf(key, text, file), file, (pattern, at) => {
    includes = true
    return include(pattern, at)
  }, text.split('\n').length)
  const parsed = parser.block(true)
  if (knownTexts.size >= mostKnownTexts) knownTexts.clear()
  if (!includes) knownTexts.set(key, parsed)
  return parsed
}

/** The words of files that include others. */
const knownTokens = new Map<string, readonly Token[]>()

function tokensOf(key: string, text: string, file: string): readonly Token[] {
  const known = knownTokens.get(key)
  if (known) return known
  const tokens = tokenize(text, file)
  if (knownTokens.size >= mostKnownTexts) knownTokens.clear()
  knownTokens.set(key, tokens)
  return tokens
}

function tokenize(text: string, file: string): readonly Token[] {
  const tokens: Token[] = []
  let line = 1
  const pattern = /\n|[ \t\r]+|#[^\n]*|"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|[;{}]|(?:\\[\s\S]|\$\{\w+\}|[^\s;{}"'])(?:\\[\s\S]|\$\{\w+\}|[^\s;{}])*|["']/g
  for (const [word] of text.matchAll(pattern)) {
    if (word === '\n') line++
    else if (/^[ \t\r]+$/.test(word) || word.startsWith('#')) continue
    else if (word === '"' || word === "'") throw new NginxConfigError(`unexpected end of file, expecting ";" or "}" in ${file}:${text.split('\n').length}`)
    else if (/^["']/.test(word)) {
      tokens.push({ text: unescaped(word.slice(1, -1)), line, quoted: true })
      line += word.split('\n').length - 1
    } else tokens.push({ text: word, line, quoted: false })
  }
  return tokens
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '"': '"', "'": "'", '\\': '\\' }

/** In quotes, `\n`, `\t` and `\r` are what they look like; unknown escapes stay as they are. */
function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (whole, letter: string) => escapes[letter] ?? whole)
}

class Parser {
  private at = 0

  constructor(private readonly tokens: readonly Token[], private readonly file: string, private readonly include: Include, private readonly lastLine: number) {}

  private fail(message: string, line: number): NginxConfigError {
    return new NginxConfigError(`${message} in ${this.file}:${line}`)
  }

  block(top: boolean): Directive[] {
    const out: Directive[] = []
    for (;;) {
      const token = this.tokens[this.at++]
      if (!token) {
        if (top) return out
        throw this.fail('unexpected end of file, expecting "}"', this.lastLine)
      }
      if (token.text === '}' && !token.quoted) {
        if (!top) return out
        throw this.fail('unexpected "}"', token.line)
      }
      if ((token.text === ';' || token.text === '{') && !token.quoted) throw this.fail(`unexpected "${token.text}"`, token.line)
      const directive = this.directive(token)
      if (directive.name === 'include') out.push(...this.include(directive.args[0] ?? '', directive))
      else out.push(directive)
    }
  }

  private directive(first: Token): Directive {
    const args: string[] = []
    for (;;) {
      const token = this.tokens[this.at++]
      if (!token) throw this.fail('unexpected end of file, expecting ";" or "}"', this.lastLine)
      if (!token.quoted && token.text === ';') return { name: first.text, args, file: this.file, line: first.line }
      if (!token.quoted && token.text === '}') throw this.fail('unexpected "}"', token.line)
      if (!token.quoted && token.text === '{') return { name: first.text, args, block: this.block(false), file: this.file, line: first.line }
      args.push(token.text)
    }
  }
}

export function find(block: readonly Directive[], name: string): Directive | undefined {
  return block.find((each) => each.name === name)
}

export function all(block: readonly Directive[], name: string): Directive[] {
  return block.filter((each) => each.name === name)
}
