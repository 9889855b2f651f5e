/** `.`, `q` and `@`: keys that are taken again. */
import type { Keys } from '#engine/programs/editors/vim/keys'
import { VimError } from '#engine/programs/editors/vim/state'

const maxQueue = 100_000
const maxMacroTimes = 1000

/** A new count takes the place of the old one. */
export function repeatChange({ vim, count }: Keys): void {
  if (vim.lastChange.length === 0) throw new VimError('')
  const keys = count === undefined ? vim.lastChange : [...String(count), ...vim.lastChange.filter((key, index) => !(index === 0 && /[1-9]/.test(key)))]
  vim.queue.unshift(...keys)
  vim.recorded = []
}

export async function recordMacro({ vim }: Keys): Promise<void> {
  if (!vim.recording) {
    vim.recording = { name: await vim.key(), keys: [] }
    return
  }
  const { name, keys } = vim.recording
  vim.recording = undefined
  vim.registers.set(name, { text: keys.slice(0, -1).join(''), kind: 'characters' })
}

export async function playMacro(keys: Keys): Promise<void> {
  const { vim } = keys
  const given = await vim.key()
  const name = given === '@' ? vim.lastMacro : given
  const register = vim.fetch(name)
  if (!register) return
  vim.lastMacro = name
  if (vim.queue.length > maxQueue) throw new VimError('E132: Macro recursion is too deep')
  for (let i = 0; i < Math.min(keys.times, maxMacroTimes); i++) vim.queue.unshift(...register.text)
}
