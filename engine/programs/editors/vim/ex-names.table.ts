/** Ex commands by the least that may stand for them. Where two would do, the first does. */
export const commandNames: readonly (readonly [least: string, full: string])[] = [
  ['w', 'write'], ['wq', 'wq'], ['wa', 'wall'], ['wqa', 'wqall'], ['x', 'xit'], ['xa', 'xall'], ['exi', 'exit'], ['q', 'quit'], ['qa', 'qall'], ['quita', 'quitall'], ['cq', 'cquit'], ['e', 'edit'], ['ene', 'enew'], ['r', 'read'], ['d', 'delete'], ['y', 'yank'], ['pu', 'put'], ['m', 'move'], ['t', 't'], ['co', 'copy'], ['j', 'join'], ['s', 'substitute'], ['g', 'global'], ['v', 'vglobal'], ['se', 'set'], ['setl', 'setlocal'], ['norm', 'normal'], ['u', 'undo'], ['red', 'redo'], ['noh', 'nohlsearch'], ['a', 'append'], ['i', 'insert'], ['c', 'change'], ['p', 'print'], ['P', 'Print'], ['nu', 'number'], ['k', 'k'], ['ma', 'mark'],
  ['ret', 'retab'], ['sor', 'sort'], ['le', 'left'], ['ri', 'right'], ['ce', 'center'], ['f', 'file'], ['n', 'next'], ['prev', 'previous'], ['N', 'Next'], ['sy', 'syntax'], ['syn', 'syntax'], ['filet', 'filetype'], ['colo', 'colorscheme'], ['let', 'let'], ['ec', 'echo'], ['sil', 'silent'], ['au', 'autocmd'], ['aug', 'augroup'], ['nn', 'nnoremap'], ['no', 'noremap'], ['map', 'map'], ['nm', 'nmap'], ['im', 'imap'], ['ino', 'inoremap'], ['vn', 'vnoremap'], ['vm', 'vmap'], ['h', 'help'], ['up', 'update'], ['sh', 'shell'], ['star', 'startinsert'], ['stopi', 'stopinsert'], ['hi', 'highlight'], ['so', 'source'], ['ru', 'runtime'], ['if', 'if'], ['el', 'else'], ['en', 'endif'], ['pw', 'pwd'], ['cd', 'cd'], ['reg', 'registers'], ['di', 'display'], ['marks', 'marks'], ['exe', 'execute'], ['un', 'unmap'], ['pa', 'packadd'], ['ear', 'earlier'], ['lat', 'later'],
]

/** They take `|` as part of their argument. */
export const takeBar: ReadonlySet<string> = new Set(['global', 'vglobal', 'normal', '!', 'autocmd', 'nnoremap', 'noremap', 'map', 'nmap', 'imap', 'inoremap', 'vnoremap', 'vmap', 'append', 'insert', 'change'])

/** Known, and without effect here. */
export const withoutEffect: readonly string[] = ['syntax', 'colorscheme', 'autocmd', 'augroup', 'imap', 'inoremap', 'vnoremap', 'vmap', 'highlight', 'runtime', 'if', 'else', 'endif', 'unmap', 'packadd', 'stopinsert']
