import { expect, it } from 'vitest'
import { decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import type { MessageChannel } from '#engine/base/http'
import { inForm, kubeletProtocol } from './channel-forms'

function channelOf(...messages: [number, string][]): MessageChannel & { readonly sent: string[] } {
  const sent: string[] = []
  const left = messages.map(([number, text]) => Uint8Array.of(number, ...encodeUtf8(text)))
  return { sent, closed: false, close: () => undefined, receive: () => Promise.resolve(left.shift() ?? null), send: (message) => Promise.resolve(void sent.push(`${message[0] ?? -1} ${decodeUtf8(message.subarray(1))}`)) }
}

const received = async (channel: MessageChannel): Promise<string> => {
  const message = await channel.receive()
  return message ? `${message[0] ?? -1} ${decodeUtf8(message.subarray(1))}` : 'end'
}
const failure = JSON.stringify({ status: 'Failure', message: 'command terminated with exit code 3', reason: 'NonZeroExitCode' })

it('speaks base64 with digits for channels', async () => {
  const inner = channelOf([1, 'hello'], [3, failure])
  const channel = inForm('v4.base64.channel.k8s.io', inner)
  expect(await received(channel)).toBe(`49 ${btoa('hello')}`)
  expect(await received(channel)).toBe(`51 ${btoa(failure)}`)
  await channel.send(encodeUtf8(`0${btoa('input')}`))
  expect(inner.sent).toEqual(['0 input'])
})

it('tells older clients of a failure in words, and of success by the end', async () => {
  expect(await received(inForm('channel.k8s.io', channelOf([3, failure])))).toBe('3 command terminated with exit code 3')
  expect(await received(inForm('base64.channel.k8s.io', channelOf([3, JSON.stringify({ status: 'Success' })])))).toBe('end')
  expect(kubeletProtocol('base64.channel.k8s.io')).toBe('v4.channel.k8s.io')
})
