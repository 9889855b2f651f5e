import { parse } from 'unbash'
import { expect, it } from 'vitest'
import { isSpinning } from './spinning'

const shell = (functions: readonly string[] = []): Parameters<typeof isSpinning>[0] =>
  ({ options: { on: () => false }, traps: { get: () => undefined }, functions: new Map(functions.map((name) => [name, {}])), aliases: new Map() }) as never

function spins(text: string, functions: readonly string[] = []): boolean {
  const command = parse(text).commands[0]?.command
  return command?.type === 'While' && isSpinning(shell(functions), command)
}

it.each(['while :; do :; done', 'while true; do true; done', 'until false; do :; :; done'])('%s only burns time', (text) => {
  expect(spins(text)).toBe(true)
})

it.each(['while :; do x=1; done', 'while :; do : $((i++)); done', 'while :; do : > /tmp/x; done', 'while [ ! -e /x ]; do :; done', 'while :; do sleep 1; done', 'while :; do : & done', 'while :; do : | :; done'])(
  '%s does something', (text) => {
    expect(spins(text)).toBe(false)
  },
)

it('a function may be called true', () => {
  expect(spins('while true; do :; done', ['true'])).toBe(false)
})
