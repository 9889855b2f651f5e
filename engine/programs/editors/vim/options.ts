/** `:set`. */
export interface VimOptions {
  number: boolean
  relativenumber: boolean
  expandtab: boolean
  shiftwidth: number
  softtabstop: number
  tabstop: number
  autoindent: boolean
  ignorecase: boolean
  smartcase: boolean
  hlsearch: boolean
  incsearch: boolean
  wrapscan: boolean
  list: boolean
  wrap: boolean
  paste: boolean
  cursorline: boolean
  cursorcolumn: boolean
  ruler: boolean
  showmode: boolean
  magic: boolean
  gdefault: boolean
  readonly: boolean
  smartindent: boolean
  shiftround: boolean
  modifiable: boolean
}

export const defaultOptions: Readonly<VimOptions> = {
  number: false, relativenumber: false, expandtab: false, shiftwidth: 8, softtabstop: 0, tabstop: 8, autoindent: false, ignorecase: false, smartcase: false, hlsearch: false, incsearch: true, wrapscan: true,
  list: false, wrap: true, paste: false, cursorline: false, cursorcolumn: false, ruler: true, showmode: true, magic: true, gdefault: false, readonly: false, smartindent: false, shiftround: false, modifiable: true,
}

const short: Readonly<Record<string, keyof VimOptions>> = { nu: 'number', rnu: 'relativenumber', et: 'expandtab', sw: 'shiftwidth', sts: 'softtabstop', ts: 'tabstop', ai: 'autoindent', ic: 'ignorecase', scs: 'smartcase', hls: 'hlsearch', is: 'incsearch', ws: 'wrapscan', cul: 'cursorline', cuc: 'cursorcolumn', ru: 'ruler', smd: 'showmode', gd: 'gdefault', ro: 'readonly', si: 'smartindent', sr: 'shiftround', ma: 'modifiable' }
/** Known and without effect here. */
const accepted = new Set(['nocompatible', 'compatible', 'cp', 'backspace', 'bs', 'mouse', 'syntax', 'background', 'bg', 'encoding', 'enc', 'fileencoding', 'fenc', 'fileformat', 'ff', 'filetype', 'ft', 'showcmd', 'sc', 'showmatch', 'sm', 'laststatus', 'ls', 'wildmenu', 'wmnu', 'history', 'hi', 'undofile', 'swapfile', 'swf', 'backup', 'bk', 'writebackup', 'wb', 'clipboard', 'cb', 'scrolloff', 'so', 'textwidth', 'tw', 'ttyfast', 'hidden', 'hid', 'title', 'colorcolumn', 'cc', 'listchars', 'lcs', 'foldmethod', 'fdm', 'indentexpr', 'cindent', 'formatoptions', 'fo', 'modeline', 'ml', 'errorbells', 'eb', 'visualbell', 'vb', 'termguicolors', 'tgc', 'statusline', 'stl', 'linebreak', 'lbr', 'spell', 'belloff', 'bo', 'autoread', 'ar', 'completeopt', 'matchpairs', 'iskeyword', 'virtualedit', 've', 'shell', 'timeoutlen', 'ttimeoutlen', 'foldenable', 'fen', 'eol', 'fixeol', 'binary', 'bin', 'smarttab', 'sta', 'startofline', 'sol', 'joinspaces', 'js', 'cpoptions', 'cpo', 'report', 'shortmess', 'shm', 'foldlevel', 'indentkeys', 'indk', 'pastetoggle', 'pt'])

/** Undefined: done; otherwise what to show: a message of vim's or a value. */
export function setOption(options: VimOptions, text: string): string | undefined {
  const match = /^([a-z]+)([!?&]|(?:\+|-|\^)?[=:](.*))?$/s.exec(text)
  const { prefix, name } = nameOf(match?.[1] ?? '')
  const key = short[name] ?? name
  if (!match || !known(name)) return `E518: Unknown option: ${text}`
  if (!isOption(key)) return undefined
  const tail = match[2] ?? ''
  const setting = { text, prefix, tail, value: match[3] ?? '' }
  const current = options[key]
  if (tail === '&') return assign(options, key, defaultOptions[key])
  return typeof current === 'boolean' ? setSwitch(options, key, current, setting) : setNumber(options, key, current, setting)
}

interface Setting {
  readonly text: string
  readonly prefix: string
  /** From the name on: `!`, `?`, `+=4`. */
  readonly tail: string
  readonly value: string
}

/** `no` and `inv` belong to the name only where there is an option of the rest. */
function nameOf(given: string): { prefix: string; name: string } {
  const match = /^(no|inv)(.+)$/.exec(given)
  return match && !known(given) ? { prefix: match[1] as string, name: match[2] as string } : { prefix: '', name: given }
}

function isOption(key: string): key is keyof VimOptions {
  return key in defaultOptions
}

function assign(options: VimOptions, key: keyof VimOptions, value: boolean | number): undefined {
  ;(options as unknown as Record<string, boolean | number>)[key] = value
}

function setSwitch(options: VimOptions, key: keyof VimOptions, current: boolean, { text, prefix, tail }: Setting): string | undefined {
  if (tail === '?') return `${current ? '  ' : 'no'}${key}`
  if (tail.includes('=')) return `E474: Invalid argument: ${text}`
  return assign(options, key, tail === '!' || prefix === 'inv' ? !current : prefix !== 'no')
}

function setNumber(options: VimOptions, key: keyof VimOptions, current: number, { text, prefix, tail, value }: Setting): string | undefined {
  if (prefix !== '') return `E474: Invalid argument: ${text}`
  if (!/[=:]/.test(tail)) return `  ${key}=${current}`
  if (!/^\d+$/.test(value)) return `E521: Number required after =: ${text}`
  return assign(options, key, tail.startsWith('+') ? current + Number(value) : tail.startsWith('-') ? current - Number(value) : Number(value))
}

function known(name: string): boolean {
  return name in short || name in defaultOptions || accepted.has(name)
}

/** What `>` and Tab put in. */
export function indentText(options: VimOptions, columns: number): string {
  if (options.expandtab) return ' '.repeat(columns)
  return '\t'.repeat(Math.floor(columns / options.tabstop)) + ' '.repeat(columns % options.tabstop)
}

export function indentColumns(options: VimOptions, text: string): number {
  let columns = 0
  for (const c of text) columns = c === '\t' ? columns + options.tabstop - (columns % options.tabstop) : columns + 1
  return columns
}

export function shiftLine(options: VimOptions, line: string, times: number): string {
  if (line === '' && times > 0) return line
  const lead = /^[ \t]*/.exec(line)?.[0] ?? ''
  const width = options.shiftwidth || options.tabstop
  return indentText(options, Math.max(0, indentColumns(options, lead) + times * width)) + line.slice(lead.length)
}
