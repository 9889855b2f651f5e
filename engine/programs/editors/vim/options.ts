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
  const match = /^(no|inv)?([a-z]+)([!?&]|(?:\+|-|\^)?[=:](.*))?$/s.exec(text)
  if (!match) return `E518: Unknown option: ${text}`
  let [, prefix, name = ''] = match
  const tail = match[3] ?? ''
  if (!known(name) && prefix !== undefined && known(prefix + name)) {
    name = prefix + name
    prefix = undefined
  }
  const key = (short[name] ?? name) as keyof VimOptions
  if (!(key in options)) return accepted.has(name) ? undefined : `E518: Unknown option: ${text}`
  const current = options[key]
  if (typeof current === 'boolean') {
    if (tail === '?') return `${current ? '  ' : 'no'}${key}`
    if (tail.includes('=')) return `E474: Invalid argument: ${text}`
    ;(options as unknown as Record<string, boolean>)[key] = tail === '!' || prefix === 'inv' ? !current : tail === '&' ? Boolean(defaultOptions[key]) : prefix !== 'no'
    return undefined
  }
  if (prefix !== undefined) return `E474: Invalid argument: ${text}`
  if (tail === '&') (options as unknown as Record<string, unknown>)[key] = defaultOptions[key]
  else if (!/[=:]/.test(tail)) return `  ${key}=${current}`
  else {
    const value = Number(match[4])
    if (!/^\d+$/.test(match[4] ?? '')) return `E521: Number required after =: ${text}`
    ;(options as unknown as Record<string, number>)[key] = tail.startsWith('+') ? current + value : tail.startsWith('-') ? current - value : value
  }
  return undefined
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
