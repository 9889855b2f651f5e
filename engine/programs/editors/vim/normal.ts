/** Normal, visual and insert mode: one command at a time, from keys. */
import { type ExHost, joinLines } from '#engine/programs/editors/vim/ex'
import { reindent } from '#engine/programs/editors/vim/indent'
import { undo } from '#engine/programs/editors/vim/undo'
import { findCharacter, firstNonBlank, matchingBracket, type Motion, paragraph, textObject, wordBack, wordEnd, wordForward } from '#engine/programs/editors/vim/motions'
import { indentColumns, indentText, shiftLine } from '#engine/programs/editors/vim/options'
import { searchFrom } from '#engine/programs/editors/vim/search'
import { type Mode, VimError, type VimState } from '#engine/programs/editors/vim/state'
import type { Place } from '#engine/programs/editors/vim/text'
import { insertMode } from '#engine/programs/editors/vim/insert'

export interface NormalHost extends ExHost {
  /** Reads a command line after `:`, `/` or `?`; undefined when it was left. */
  commandLine(prompt: string, start?: string): Promise<string | undefined>
  ex(line: string): Promise<void>
  scroll(rows: number): void
  readonly height: number
  redraw(): Promise<void>
  suspend(): void
}

const esc = '\x1b'
const operators = new Set(['d', 'c', 'y', '<', '>', '=', 'g~', 'gu', 'gU', '!'])
const changes = /^(d|c|<|>|=|g~|gu|gU|x|X|s|S|D|C|p|P|J|~|r|i|a|I|A|o|O|gJ|R|gi|\x01|\x18)$/

export class NormalMode {
  private count: number | undefined
  private register: string | undefined

  constructor(
    private readonly vim: VimState,
    private readonly host: NormalHost,
  ) {}

  /** One command from its first key to its end. */
  async command(): Promise<void> {
    const { vim } = this
    vim.recorded = []
    this.count = undefined
    this.register = undefined
    let key = await this.countedKey()
    while (key === '"') {
      this.register = await vim.key()
      key = await this.countedKey()
    }
    if (key === 'g' || key === 'z' || key === 'Z' || key === ']' || key === '[') key += await vim.key()
    const mapped = vim.maps.get(key)
    if (mapped !== undefined) {
      vim.queue.unshift(...mapped)
      return
    }
    vim.buffer.begin(vim.cursor)
    try {
      if (vim.mode.startsWith('visual')) await this.visual(key)
      else await this.normal(key)
      if (changes.test(key) && vim.recorded.length > 0) vim.lastChange = vim.recorded
    } finally {
      vim.buffer.end()
      vim.recorded = undefined
      vim.clamp()
    }
  }

  private async countedKey(): Promise<string> {
    let digits = ''
    for (;;) {
      const key = await this.vim.key()
      if (/[1-9]/.test(key) || (key === '0' && digits !== '')) digits += key
      else {
        if (digits !== '') this.count = (this.count ?? 1) * Number(digits)
        return key
      }
    }
  }

  private get times(): number {
    return Math.min(this.count ?? 1, 100_000)
  }

  private async normal(key: string): Promise<void> {
    if (operators.has(key)) return this.operate(key)
    const motion = await this.motion(key)
    if (motion) {
      this.go(motion, key)
      return
    }
    if (await this.edit(key)) return
    if (await this.other(key)) return
    if (key === esc || key === '\r') return
    throw new VimError('')
  }

  private go(motion: Motion, key: string): void {
    const { vim } = this
    if (['G', 'gg', 'n', 'N', '*', '#', '%', '{', '}', '\'', '`', '/', '?'].includes(key)) vim.buffer.marks.set("'", { ...vim.cursor })
    vim.cursor = { ...motion.to }
    vim.clamp()
    if (!['j', 'k', 'down', 'up', '\x0e', '\x10'].includes(key)) vim.wantColumn = key === '$' || key === 'end' ? Number.MAX_SAFE_INTEGER : vim.cursor.column
    if (key === '$' || key === 'end') vim.wantColumn = Number.MAX_SAFE_INTEGER
  }

  /** Where a motion leads; undefined where the key is none. */
  private async motion(key: string, operator = ''): Promise<Motion | undefined> {
    const { vim, times } = this
    const { buffer, cursor } = vim
    const at = (line: number, column: number): Place => ({ line: Math.max(0, Math.min(buffer.count - 1, line)), column })
    const chars = (column: number): Motion => ({ to: at(cursor.line, column), kind: 'exclusive' })
    const lines = (line: number, column = vim.wantColumn): Motion => ({ to: at(line, column), kind: 'line' })
    switch (key) {
      case 'h': case 'left': case '\x7f': case '\b': return chars(Math.max(0, cursor.column - times))
      case 'l': case 'right': case ' ': return chars(Math.min(vim.line.length, cursor.column + times))
      case '0': case 'home': return chars(0)
      case '^': return chars(firstNonBlank(vim.line))
      case '$': case 'end': return { to: at(cursor.line + times - 1, Math.max(0, buffer.line(Math.min(buffer.count - 1, cursor.line + times - 1)).length - 1)), kind: 'inclusive' }
      case '|': return chars(times - 1)
      case 'j': case 'down': case '\x0e': case '\n': if (cursor.line + times >= buffer.count && operator !== '' ) throw new VimError(''); return lines(cursor.line + times)
      case 'k': case 'up': case '\x10': if (cursor.line - times < 0 && operator !== '') throw new VimError(''); return lines(cursor.line - times)
      case '+': case '\r': return lines(cursor.line + times, firstNonBlank(buffer.line(Math.min(buffer.count - 1, cursor.line + times))))
      case '-': return lines(cursor.line - times, firstNonBlank(buffer.line(Math.max(0, cursor.line - times))))
      case '_': return lines(cursor.line + times - 1, firstNonBlank(buffer.line(cursor.line + times - 1)))
      case 'G': return this.toLine(this.count === undefined ? buffer.count - 1 : this.count - 1)
      case 'gg': return this.toLine(this.count === undefined ? 0 : this.count - 1)
      case '{': case '}': {
        let line = cursor.line
        for (let i = 0; i < times; i++) line = paragraph(buffer, line, key === '}' ? 1 : -1)
        return { to: at(line, key === '}' && line === buffer.count - 1 ? buffer.line(line).length : 0), kind: 'exclusive' }
      }
      default: return this.furtherMotion(key, operator)
    }
  }

  private toLine(line: number): Motion {
    const to = Math.max(0, Math.min(this.vim.buffer.count - 1, line))
    return { to: { line: to, column: firstNonBlank(this.vim.buffer.line(to)) }, kind: 'line' }
  }

  private async furtherMotion(key: string, operator: string): Promise<Motion | undefined> {
    const { vim, times } = this
    const { buffer } = vim
    const repeat = (step: (from: Place) => Place): Place => {
      let place = { ...vim.cursor }
      for (let i = 0; i < times; i++) place = step(place)
      return place
    }
    switch (key) {
      case 'w': case 'W': return this.wordMotion(key === 'W', operator, repeat)
      case 'b': case 'B': return { to: repeat((from) => wordBack(buffer, from, key === 'B')), kind: 'exclusive' }
      case 'e': case 'E': return { to: repeat((from) => wordEnd(buffer, from, key === 'E')), kind: 'inclusive' }
      case 'ge': return { to: repeat((from) => {
        const back = wordBack(buffer, from, false)
        return wordEnd(buffer, wordBack(buffer, back, false), false)
      }), kind: 'inclusive' }
      case 'f': case 'F': case 't': case 'T': {
        const c = await vim.key()
        vim.lastFind = { kind: key, c }
        return this.find(key, c)
      }
      case ';': return vim.lastFind && this.find(vim.lastFind.kind, vim.lastFind.c)
      case ',': return vim.lastFind && this.find(({ f: 'F', F: 'f', t: 'T', T: 't' } as Record<string, string>)[vim.lastFind.kind] as string, vim.lastFind.c)
      case '%': {
        const to = matchingBracket(buffer, vim.cursor)
        if (!to) throw new VimError('')
        return { to, kind: 'inclusive' }
      }
      case 'H': return this.toLine(vim.top)
      case 'L': return this.toLine(vim.top + this.host.height - 1)
      case 'M': return this.toLine(vim.top + Math.floor(Math.min(this.host.height, buffer.count) / 2))
      case "'": case '`': return this.mark(key, await vim.key())
      default: return this.searchMotion(key)
    }
  }

  private wordMotion(big: boolean, operator: string, repeat: (step: (from: Place) => Place) => Place): Motion {
    const { vim } = this
    if (operator === 'c' && /\S/.test(vim.line[vim.cursor.column] ?? ' ')) {
      let place = { ...vim.cursor, column: vim.cursor.column - 1 }
      for (let i = 0; i < this.times; i++) place = wordEnd(vim.buffer, place, big)
      return { to: place, kind: 'inclusive' }
    }
    const to = repeat((from) => wordForward(vim.buffer, from, big))
    if (operator !== '' && to.line > vim.cursor.line && to.column <= firstNonBlank(vim.buffer.line(to.line))) return { to: { line: to.line - 1, column: vim.buffer.line(to.line - 1).length }, kind: 'exclusive' }
    return { to, kind: 'exclusive' }
  }

  private find(kind: string, c: string): Motion {
    const column = findCharacter(this.vim.line, this.vim.cursor.column, kind, c, this.times)
    if (column === undefined) throw new VimError('')
    return { to: { line: this.vim.cursor.line, column }, kind: kind === 'f' || kind === 't' ? 'inclusive' : 'exclusive' }
  }

  private mark(key: string, name: string): Motion {
    const place = this.vim.buffer.marks.get(name === '`' ? "'" : name)
    if (!place) throw new VimError('E20: Mark not set')
    return key === "'" ? this.toLine(place.line) : { to: place, kind: 'exclusive' }
  }

  private async searchMotion(key: string): Promise<Motion | undefined> {
    const { vim } = this
    if (key === '/' || key === '?') {
      const text = await this.host.commandLine(key)
      if (text === undefined) throw new VimError('')
      vim.lastDirection = key === '/' ? 1 : -1
      if (text !== '') vim.lastPattern = text
      vim.highlight = true
      return { to: this.search(vim.lastPattern, vim.lastDirection), kind: 'exclusive' }
    }
    if (key === 'n' || key === 'N') {
      vim.highlight = true
      return { to: this.search(vim.lastPattern, key === 'n' ? vim.lastDirection : ((-vim.lastDirection) as 1 | -1)), kind: 'exclusive' }
    }
    if (key === '*' || key === '#' || key === 'g*' || key === 'g#') {
      const text = vim.line
      let start = vim.cursor.column
      while (start > 0 && /\w/.test(text[start - 1] as string) && /\w/.test(text[start] ?? '')) start--
      const word = /\w+/.exec(text.slice(start))?.[0]
      if (word === undefined) throw new VimError('E348: No string under cursor')
      vim.lastPattern = key.startsWith('g') ? word : `\\<${word}\\>`
      vim.lastDirection = key.endsWith('*') ? 1 : -1
      vim.highlight = true
      return { to: this.search(vim.lastPattern, vim.lastDirection), kind: 'exclusive' }
    }
    return undefined
  }

  private search(pattern: string, direction: 1 | -1): Place {
    let place = { ...this.vim.cursor }
    for (let i = 0; i < this.times; i++) place = searchFrom(this.vim, pattern, place, direction)
    return place
  }

  // Operators.

  private async operate(operator: string): Promise<void> {
    const { vim } = this
    const before = this.count
    this.count = undefined
    let key = await this.countedKey()
    if (before !== undefined) this.count = before * (this.count ?? 1)
    if (key === 'g') key += await vim.key()
    if (key === operator || (operator.length > 1 && (key === operator.slice(1) || key === operator))) {
      const last = Math.min(vim.buffer.count - 1, vim.cursor.line + this.times - 1)
      return this.apply(operator, { line: vim.cursor.line, column: 0 }, { line: last, column: 0 }, 'line')
    }
    if (key === 'i' || key === 'a') {
      const region = textObject(vim.buffer, vim.cursor, key === 'a', await vim.key())
      if (!region) throw new VimError('')
      return this.apply(operator, region.from, region.to, region.lines ? 'line' : 'exclusive')
    }
    const motion = await this.motion(key, operator)
    if (!motion) throw new VimError('')
    const [from, to] = before_(vim.cursor, motion.to) ? [vim.cursor, motion.to] : [motion.to, vim.cursor]
    return this.apply(operator, { ...from }, { ...to }, motion.kind)
  }

  private async apply(operator: string, from: Place, to: Place, kind: Motion['kind']): Promise<void> {
    const { vim } = this
    const end = kind === 'inclusive' ? { line: to.line, column: to.column + 1 } : to
    const lines = kind === 'line'
    vim.buffer.startsAt(lines ? { line: from.line, column: Math.min(vim.cursor.column, vim.buffer.line(from.line).length) } : from)
    if (operator === '<' || operator === '>') {
      for (let line = from.line; line <= to.line; line++) vim.buffer.set(line, shiftLine(vim.options, vim.buffer.line(line), operator === '>' ? 1 : -1))
      this.tell(to.line - from.line + 1, `lines ${operator}ed 1 time`)
      return vim.moveTo(from.line, firstNonBlank(vim.buffer.line(from.line)))
    }
    if (operator === '=') {
      reindent(vim, from.line, to.line)
      return vim.moveTo(from.line, firstNonBlank(vim.buffer.line(from.line)))
    }
    if (operator === '!') {
      const text = await this.host.commandLine(':', `${from.line + 1},${to.line + 1}!`)
      if (text !== undefined) await this.host.ex(text)
      return
    }
    if (operator.startsWith('g')) return this.changeCase(operator, from, end, lines)
    const text = lines ? vim.buffer.lines.slice(from.line, to.line + 1).map((line) => `${line}\n`).join('') : vim.buffer.slice(from, end)
    vim.store(this.register, { text, kind: lines ? 'lines' : 'characters' }, operator !== 'y')
    if (operator === 'y') {
      if (lines) this.tell(to.line - from.line + 1, 'lines yanked')
      return vim.moveTo(from.line, lines ? vim.cursor.column : from.column)
    }
    if (operator === 'c') return this.change(from, end, lines)
    if (lines) {
      const count = to.line - from.line + 1
      vim.buffer.splice(from.line, count, [])
      this.tell(count, 'fewer lines')
      const line = Math.min(from.line, vim.buffer.count - 1)
      return vim.moveTo(line, firstNonBlank(vim.buffer.line(line)))
    }
    vim.buffer.remove(from, end)
    vim.moveTo(from.line, from.column)
  }

  private tell(count: number, what: string): void {
    if (count > 2) this.vim.message = `${count} ${what}`
  }

  private async change(from: Place, end: Place, lines: boolean): Promise<void> {
    const { vim } = this
    if (lines) {
      const indent = vim.options.autoindent ? (/^\s*/.exec(vim.buffer.line(from.line))?.[0] ?? '') : ''
      vim.buffer.splice(from.line, end.line - from.line + 1, [indent])
      vim.mode = 'insert'
      vim.moveTo(from.line, indent.length)
    } else {
      vim.buffer.remove(from, end)
      vim.mode = 'insert'
      vim.moveTo(from.line, from.column)
    }
    await insertMode(vim, this.host, 1)
  }

  private changeCase(operator: string, from: Place, end: Place, lines: boolean): void {
    const { vim } = this
    const change = (text: string): string => (operator === 'gu' ? text.toLowerCase() : operator === 'gU' ? text.toUpperCase() : swapCase(text))
    for (let line = from.line; line <= end.line; line++) {
      const text = vim.buffer.line(line)
      const [a, b] = lines ? [0, text.length] : [line === from.line ? from.column : 0, line === end.line ? end.column : text.length]
      vim.buffer.set(line, text.slice(0, a) + change(text.slice(a, b)) + text.slice(b))
    }
    vim.moveTo(from.line, from.column)
  }

  // Commands that change text.

  private async edit(key: string): Promise<boolean> {
    const { vim, times } = this
    const { cursor } = vim
    const here = { ...cursor }
    switch (key) {
      case 'x': case 'delete': if (vim.line === '') return true; await this.apply('d', here, { line: here.line, column: Math.min(vim.line.length, here.column + times) }, 'exclusive'); return true
      case 'X': if (here.column > 0) await this.apply('d', { line: here.line, column: Math.max(0, here.column - times) }, here, 'exclusive'); return true
      case 'D': await this.apply('d', here, { line: Math.min(vim.buffer.count - 1, here.line + times - 1), column: vim.buffer.line(Math.min(vim.buffer.count - 1, here.line + times - 1)).length }, 'exclusive'); return true
      case 'C': await this.apply('c', here, { line: here.line, column: vim.line.length }, 'exclusive'); return true
      case 's': await this.apply('c', here, { line: here.line, column: Math.min(vim.line.length, here.column + times) }, 'exclusive'); return true
      case 'S': await this.apply('c', { line: here.line, column: 0 }, { line: Math.min(vim.buffer.count - 1, here.line + times - 1), column: 0 }, 'line'); return true
      case 'Y': await this.apply('y', { line: here.line, column: 0 }, { line: Math.min(vim.buffer.count - 1, here.line + times - 1), column: 0 }, 'line'); return true
      case 'p': case 'P': case 'gp': case 'gP': this.put(key.endsWith('P')); return true
      case 'J': case 'gJ': {
        const column = joinLines(vim, here.line, Math.min(vim.buffer.count - 1, here.line + Math.max(1, times - 1)), key === 'J')
        vim.moveTo(here.line, column)
        return true
      }
      case '~': {
        const end = Math.min(vim.line.length, here.column + times)
        vim.buffer.set(here.line, vim.line.slice(0, here.column) + swapCase(vim.line.slice(here.column, end)) + vim.line.slice(end))
        vim.moveTo(here.line, end)
        return true
      }
      case 'r': {
        const c = await vim.key()
        if (c === esc || here.column + times > vim.line.length) return true
        if (c === '\r') vim.buffer.splice(here.line, 1, [vim.line.slice(0, here.column), vim.line.slice(here.column + times)])
        else vim.buffer.set(here.line, vim.line.slice(0, here.column) + c.repeat(times) + vim.line.slice(here.column + times))
        vim.moveTo(c === '\r' ? here.line + 1 : here.line, c === '\r' ? 0 : here.column + times - 1)
        return true
      }
      case '\x01': case '\x18': this.addNumber(key === '\x01' ? times : -times); return true
      default: return this.startInsert(key)
    }
  }

  private async startInsert(key: string): Promise<boolean> {
    const { vim } = this
    const { line, column } = vim.cursor
    const indent = vim.options.autoindent && !vim.options.paste ? (/^\s*/.exec(vim.line)?.[0] ?? '') : ''
    switch (key) {
      case 'i': case 'insert': break
      case 'a': vim.cursor.column = Math.min(vim.line.length, column + 1); break
      case 'I': vim.cursor.column = /\S/.test(vim.line) ? firstNonBlank(vim.line) : vim.line.length; break
      case 'A': vim.cursor.column = vim.line.length; break
      case 'gi': vim.cursor = { ...(vim.buffer.marks.get('^') ?? vim.cursor) }; break
      case 'o':
        vim.buffer.splice(line + 1, 0, [indent])
        vim.cursor = { line: line + 1, column: indent.length }
        break
      case 'O':
        vim.buffer.splice(line, 0, [indent])
        vim.cursor = { line, column: indent.length }
        break
      case 'R':
        vim.mode = 'replace'
        await insertMode(vim, this.host, 1)
        return true
      default: return false
    }
    vim.mode = 'insert'
    await insertMode(vim, this.host, this.times)
    return true
  }

  private put(before: boolean): void {
    const { vim, times } = this
    const register = vim.fetch(this.register)
    if (!register || register.text === '') throw new VimError(`E353: Nothing in register ${this.register ?? '"'}`)
    const { line, column } = vim.cursor
    if (register.kind === 'lines') {
      const lines = register.text.replace(/\n$/, '').split('\n')
      const at = before ? line : line + 1
      vim.buffer.splice(at, 0, Array.from({ length: times }, () => lines).flat())
      this.tell(lines.length * times, 'more lines')
      vim.moveTo(at, firstNonBlank(vim.buffer.line(at)))
      return
    }
    const at = before || vim.line === '' ? column : column + 1
    if (register.kind === 'block') {
      register.text.split('\n').forEach((piece, index) => {
        while (line + index >= vim.buffer.count) vim.buffer.splice(vim.buffer.count, 0, [''])
        const text = vim.buffer.line(line + index).padEnd(at)
        vim.buffer.set(line + index, text.slice(0, at) + piece + text.slice(at))
      })
      vim.moveTo(line, at)
      return
    }
    const end = vim.buffer.insert({ line, column: at }, register.text.repeat(times))
    if (register.text.includes('\n')) vim.moveTo(line, at)
    else vim.moveTo(end.line, end.column - 1)
  }

  private addNumber(by: number): void {
    const { vim } = this
    for (const match of vim.line.matchAll(/-?\d+/g)) {
      if (match.index + match[0].length <= vim.cursor.column) continue
      const next = String(Number(match[0]) + by)
      vim.buffer.set(vim.cursor.line, vim.line.slice(0, match.index) + next + vim.line.slice(match.index + match[0].length))
      vim.moveTo(vim.cursor.line, match.index + next.length - 1)
      return
    }
    throw new VimError('')
  }

  private async other(key: string): Promise<boolean> {
    const { vim, host } = this
    switch (key) {
      case 'u': for (let i = 0; i < this.times; i++) undo(vim, true); return true
      case '\x12': for (let i = 0; i < this.times; i++) undo(vim, false); return true
      case '.': this.repeat(); return true
      case ':': {
        const line = await host.commandLine(':', this.count === undefined ? '' : `.,.+${this.count - 1}`)
        if (line !== undefined) await host.ex(line)
        return true
      }
      case 'v': case 'V': case '\x16':
        vim.visualStart = { ...vim.cursor }
        vim.mode = key === 'v' ? 'visual' : key === 'V' ? 'visual-line' : 'visual-block'
        return true
      case 'gv':
        if (!vim.lastVisual) return true
        vim.mode = vim.lastVisual.mode
        vim.visualStart = { ...vim.lastVisual.start }
        vim.cursor = { ...vim.lastVisual.end }
        return true
      case 'm': vim.buffer.marks.set(await vim.key(), { ...vim.cursor }); return true
      case 'q': await this.record(); return true
      case '@': await this.macro(); return true
      case 'ZZ': await host.ex('x'); return true
      case 'ZQ': await host.ex('q!'); return true
      case '\x1a': host.suspend(); return true
      case '&': await host.ex('s'); return true
      default: return this.scrolling(key)
    }
  }

  private async scrolling(key: string): Promise<boolean> {
    const { vim, host } = this
    const half = Math.max(1, host.height >> 1)
    switch (key) {
      case '\x04': host.scroll(half); vim.moveTo(vim.cursor.line + half, vim.cursor.column); return true
      case '\x15': host.scroll(-half); vim.moveTo(vim.cursor.line - half, vim.cursor.column); return true
      case '\x06': case 'pagedown': host.scroll(host.height - 2); vim.moveTo(Math.max(vim.top, vim.cursor.line), 0); return true
      case '\x02': case 'pageup': host.scroll(2 - host.height); vim.moveTo(Math.min(vim.top + host.height - 1, vim.cursor.line), 0); return true
      case '\x05': host.scroll(1); return true
      case '\x19': host.scroll(-1); return true
      case 'zz': case 'z.': vim.top = Math.max(0, vim.cursor.line - half); return true
      case 'zt': case 'z\r': vim.top = vim.cursor.line; return true
      case 'zb': case 'z-': vim.top = Math.max(0, vim.cursor.line - host.height + 1); return true
      case '\x0c': await host.redraw(); return true
      case '\x07': await host.ex('f'); return true
      default: return false
    }
  }

  private repeat(): void {
    const { vim } = this
    if (vim.lastChange.length === 0) return
    const keys = this.count === undefined ? vim.lastChange : [...String(this.count), ...vim.lastChange.filter((key, index) => !(index === 0 && /[1-9]/.test(key)))]
    vim.queue.unshift(...keys)
    vim.recorded = []
  }

  private async record(): Promise<void> {
    const { vim } = this
    if (vim.recording) {
      const { name, keys } = vim.recording
      vim.recording = undefined
      vim.registers.set(name, { text: keys.slice(0, -1).join(''), kind: 'characters' })
      return
    }
    const name = await vim.key()
    vim.recording = { name, keys: [] }
  }

  private async macro(): Promise<void> {
    const { vim } = this
    const given = await vim.key()
    const name = given === '@' ? vim.lastMacro : given
    const register = vim.fetch(name)
    if (!register) return
    vim.lastMacro = name
    if (vim.queue.length > 100_000) throw new VimError('E132: Macro recursion is too deep')
    for (let i = 0; i < Math.min(this.times, 1000); i++) vim.queue.unshift(...register.text)
  }

  // Visual mode.

  private async visual(key: string): Promise<void> {
    const { vim } = this
    const leave = (): void => {
      vim.lastVisual = { mode: vim.mode, start: { ...vim.visualStart }, end: { ...vim.cursor } }
      vim.mode = 'normal'
    }
    if (key === esc || key === '\x03') return leave()
    const switched: Mode | undefined = key === 'v' ? 'visual' : key === 'V' ? 'visual-line' : key === '\x16' ? 'visual-block' : undefined
    if (switched) {
      if (switched === vim.mode) leave()
      else vim.mode = switched
      return
    }
    if (key === 'o') {
      [vim.visualStart, vim.cursor] = [{ ...vim.cursor }, { ...vim.visualStart }]
      return
    }
    if (key === 'i' || key === 'a') {
      const region = textObject(vim.buffer, vim.cursor, key === 'a', await vim.key())
      if (!region) return
      vim.visualStart = region.from
      vim.cursor = { line: region.to.line, column: Math.max(0, region.to.column - (region.lines ? 0 : 1)) }
      if (region.lines) vim.mode = 'visual-line'
      return
    }
    if (key === ':') {
      leave()
      const line = await this.host.commandLine(':', "'<,'>")
      if (line !== undefined) await this.host.ex(line)
      return
    }
    const operator = ({ x: 'd', delete: 'd', s: 'c', D: 'd', X: 'd', Y: 'y', S: 'c', C: 'c', R: 'c', u: 'gu', U: 'gU', '~': 'g~' } as Record<string, string>)[key] ?? key
    if (operators.has(operator)) {
      const { mode } = vim
      const lines = mode === 'visual-line' || /^[XYSCRD]$/.test(key)
      leave()
      return mode === 'visual-block' ? this.block(operator) : this.onSelection(operator, lines)
    }
    if (vim.mode === 'visual-block' && (key === 'I' || key === 'A')) return this.blockInsert(key === 'A', leave)
    if (key === 'J') {
      const [from, to] = [vim.visualStart.line, vim.cursor.line].sort((a, b) => a - b) as [number, number]
      leave()
      joinLines(vim, from, Math.max(from + 1, to), true)
      return
    }
    if (key === 'r') return this.replaceSelection(await vim.key(), leave)
    if (key === 'p' || key === 'P') {
      const register = vim.fetch(this.register)
      const lines = vim.mode === 'visual-line'
      leave()
      await this.onSelection('d', lines)
      if (register) vim.registers.set('"', register)
      this.put(register?.kind === 'lines' ? vim.cursor.line < vim.buffer.count - 1 : vim.cursor.column < vim.line.length)
      return
    }
    const motion = await this.motion(key)
    if (motion) this.go(motion, key)
    else await this.other(key)
  }

  private selection(): [Place, Place] {
    const { start, end } = this.vim.lastVisual as NonNullable<VimState['lastVisual']>
    return before_(start, end) ? [{ ...start }, { ...end }] : [{ ...end }, { ...start }]
  }

  private async onSelection(operator: string, lines: boolean): Promise<void> {
    const [from, to] = this.selection()
    if (operator === '<' || operator === '>') {
      for (let i = 0; i < this.times; i++) await this.apply(operator, from, to, 'line')
      return
    }
    await this.apply(operator, from, to, lines ? 'line' : 'inclusive')
  }

  private blockBounds(): { top: number; bottom: number; left: number; right: number } {
    const { start, end } = this.vim.lastVisual as NonNullable<VimState['lastVisual']>
    return { top: Math.min(start.line, end.line), bottom: Math.max(start.line, end.line), left: Math.min(start.column, end.column), right: Math.max(start.column, end.column) + 1 }
  }

  private async block(operator: string): Promise<void> {
    const { vim } = this
    const { top, bottom, left, right } = this.blockBounds()
    if (operator === '<' || operator === '>') return this.apply(operator, { line: top, column: 0 }, { line: bottom, column: 0 }, 'line')
    const lines = vim.buffer.lines.slice(top, bottom + 1)
    vim.store(this.register, { text: lines.map((line) => line.slice(left, right)).join('\n'), kind: 'block' }, operator !== 'y')
    if (operator === 'd' || operator === 'c') lines.forEach((line, index) => vim.buffer.set(top + index, line.slice(0, left) + line.slice(right)))
    vim.moveTo(top, left)
    if (operator === 'c') await this.typeOnLines(top, bottom, left)
  }

  private async blockInsert(after: boolean, leave: () => void): Promise<void> {
    leave()
    const { top, bottom, left, right } = this.blockBounds()
    await this.typeOnLines(top, bottom, after ? right : left, after)
  }

  /** What is typed on the first line goes into all of them. */
  private async typeOnLines(top: number, bottom: number, column: number, pad = false): Promise<void> {
    const { vim } = this
    if (pad && vim.buffer.line(top).length < column) vim.buffer.set(top, vim.buffer.line(top).padEnd(column))
    const before = vim.buffer.line(top).length
    vim.mode = 'insert'
    vim.cursor = { line: top, column: Math.min(column, before) }
    await insertMode(vim, this.host, 1)
    const added = vim.buffer.line(top).slice(column, column + vim.buffer.line(top).length - before)
    for (let line = top + 1; line <= bottom; line++) {
      const text = pad ? vim.buffer.line(line).padEnd(column) : vim.buffer.line(line)
      if (text.length >= column) vim.buffer.set(line, text.slice(0, column) + added + text.slice(column))
    }
    vim.moveTo(top, column)
  }

  private replaceSelection(c: string, leave: () => void): void {
    const { vim } = this
    const lines = vim.mode === 'visual-line'
    leave()
    const [from, to] = this.selection()
    for (let line = from.line; line <= to.line; line++) {
      const text = vim.buffer.line(line)
      const a = lines || line > from.line ? 0 : from.column
      const b = lines || line < to.line ? text.length : to.column + 1
      vim.buffer.set(line, text.slice(0, a) + c.repeat(Math.max(0, Math.min(b, text.length) - a)) + text.slice(b))
    }
    vim.moveTo(from.line, from.column)
  }
}

function before_(a: Place, b: Place): boolean {
  return a.line < b.line || (a.line === b.line && a.column <= b.column)
}

function swapCase(text: string): string {
  return [...text].map((c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase())).join('')
}

export { indentColumns, indentText }
