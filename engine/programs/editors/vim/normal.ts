/** Normal and visual mode: one command at a time, from keys. */
import { editKeys } from '#engine/programs/editors/vim/edit-keys'
import { insertKeys } from '#engine/programs/editors/vim/insert-keys'
import { escape, Keys, type NormalHost } from '#engine/programs/editors/vim/keys'
import { type Motion, readMotion } from '#engine/programs/editors/vim/motions'
import { isOperator, operate } from '#engine/programs/editors/vim/operators'
import { playMacro, recordMacro, repeatChange } from '#engine/programs/editors/vim/repeat'
import { scrollKeys } from '#engine/programs/editors/vim/scroll-keys'
import { VimError, type VimState } from '#engine/programs/editors/vim/state'
import { undo } from '#engine/programs/editors/vim/undo'
import { visualKey, visualModes } from '#engine/programs/editors/vim/visual'

/** What `.` does again. */
const changes = /^(d|c|<|>|=|g~|gu|gU|x|X|s|S|D|C|p|P|J|~|r|i|a|I|A|o|O|gJ|R|gi|gI|\x01|\x18)$/
/** The first key of two. */
const prefixes: ReadonlySet<string> = new Set(['g', 'z', 'Z', ']', '['])

export class NormalMode {
  constructor(
    private readonly vim: VimState,
    private readonly host: NormalHost,
  ) {}

  /** One command from its first key to its end. */
  async command(): Promise<void> {
    const { vim } = this
    const keys = new Keys(vim, this.host)
    vim.recorded = []
    const key = await this.firstKey(keys)
    const mapped = vim.maps.get(key)
    if (mapped !== undefined) {
      vim.queue.unshift(...mapped)
      return
    }
    vim.buffer.begin(vim.cursor)
    try {
      await this.perform(keys, key)
      if (changes.test(key) && vim.recorded.length > 0) vim.lastChange = vim.recorded
    } finally {
      vim.buffer.end()
      vim.recorded = undefined
      vim.clamp()
    }
  }

  private async firstKey(keys: Keys): Promise<string> {
    let key = await keys.counted()
    while (key === '"') {
      keys.register = await this.vim.key()
      key = await keys.counted()
    }
    return prefixes.has(key) ? key + (await this.vim.key()) : key
  }

  private async perform(keys: Keys, key: string): Promise<void> {
    const visual = this.vim.mode.startsWith('visual')
    if (visual && (await visualKey(keys, key))) return
    if (!visual && isOperator(key)) return operate(keys, key)
    const motion = await readMotion(keys, key)
    if (motion) return go(this.vim, motion, key)
    const act = visual ? (otherKeys[key] ?? scrollKeys[key]) : (editKeys[key] ?? insertKeys[key] ?? otherKeys[key] ?? scrollKeys[key])
    if (act) await act(keys)
    else if (key !== escape && key !== '\r') throw new VimError('')
  }
}

const jumps: ReadonlySet<string> = new Set(['G', 'gg', 'n', 'N', '*', '#', '%', '{', '}', "'", '`', '/', '?', 'H', 'L', 'M'])
/** They aim for the column where moving up and down began. */
const vertical: ReadonlySet<string> = new Set(['j', 'k', 'down', 'up', '\x0e', '\x10', '\n'])

function go(vim: VimState, motion: Motion, key: string): void {
  if (jumps.has(key)) vim.buffer.marks.set("'", { ...vim.cursor })
  vim.cursor = { ...motion.to }
  vim.clamp()
  if (key === '$' || key === 'end') vim.wantColumn = Number.MAX_SAFE_INTEGER
  else if (!vertical.has(key)) vim.wantColumn = vim.cursor.column
}

const otherKeys: Readonly<Record<string, (keys: Keys) => void | Promise<void>>> = {
  u: ({ vim, times }) => again(times, () => undo(vim, true)),
  '\x12': ({ vim, times }) => again(times, () => undo(vim, false)),
  '.': repeatChange,
  ':': commandLine,
  v: (keys) => select(keys, 'v'),
  V: (keys) => select(keys, 'V'),
  '\x16': (keys) => select(keys, '\x16'),
  gv: selectAgain,
  m: async ({ vim }) => void vim.buffer.marks.set(await vim.key(), { ...vim.cursor }),
  q: recordMacro,
  '@': playMacro,
  ZZ: ({ host }) => host.ex('x'),
  ZQ: ({ host }) => host.ex('q!'),
  '\x1a': ({ host }) => host.suspend(),
  '&': ({ host }) => host.ex('s'),
  'g&': ({ host }) => host.ex('%&&'),
}

function again(times: number, act: () => void): void {
  for (let i = 0; i < times; i++) act()
}

async function commandLine({ host, count }: Keys): Promise<void> {
  const line = await host.commandLine(':', count === undefined ? '' : `.,.+${count - 1}`)
  if (line !== undefined) await host.ex(line)
}

function select({ vim }: Keys, key: string): void {
  vim.visualStart = { ...vim.cursor }
  vim.mode = visualModes[key] ?? 'visual'
}

function selectAgain({ vim }: Keys): void {
  if (!vim.lastVisual) return
  vim.mode = vim.lastVisual.mode
  vim.visualStart = { ...vim.lastVisual.start }
  vim.cursor = { ...vim.lastVisual.end }
}
