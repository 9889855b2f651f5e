import { describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '#engine/apiserver/testing'
import type { HttpRequest } from '#engine/base/http'
import { SeededRandom } from '#engine/base/random'
import type { ConfigMap } from '#engine/api/kinds'
import { failure } from '#engine/api/status'
import { Client } from './client'
import { Informer } from './informer'
import * as refs from './resources'

const settle = async (): Promise<void> => {
  for (let i = 0; i < 30; i++) await new Promise<void>((resolve) => setImmediate(resolve))
}

interface Followed {
  readonly test: TestServer
  readonly client: Client
  readonly informer: Informer<ConfigMap>
  readonly asked: string[]
  readonly told: string[]
}

/** An informer of config maps whose requests may be answered otherwise. */
async function follow(otherwise: (request: HttpRequest) => Error | undefined = () => undefined, listsFirst = false): Promise<Followed> {
  const test = await startTestServer()
  const client = new Client(test.transport())
  await client.of(refs.namespaces).create({ metadata: { name: 'default' } }).catch(() => undefined)
  await client.of(refs.configMaps).create({ metadata: { name: 'a', namespace: 'default' } })
  const [asked, told]: [string[], string[]] = [[], []]
  const watched = new Client({
    request: (request) => {
      asked.push(request.path)
      const error = otherwise(request)
      return error ? Promise.reject(error) : test.transport().request(request)
    },
  })
  const informer = new Informer(watched, refs.configMaps, { clock: test.clock, random: new SeededRandom('informer') }, { namespace: 'default', listsFirst, onError: (error, phase) => told.push(`${phase}: ${(error as Error).message}`) })
  informer.start(new AbortController().signal)
  await settle()
  return { test, client, informer, asked, told }
}

describe('an informer', () => {
  it('asks once, for what is there and for what comes', async () => {
    const { test, client, informer, asked } = await follow()
    expect(informer.hasSynced).toBe(true)
    expect(informer.store.keys()).toContain('default/a')
    await client.of(refs.configMaps).create({ metadata: { name: 'b', namespace: 'default' } })
    await client.of(refs.configMaps).delete('default', 'a')
    await settle()
    expect(informer.store.keys()).toEqual(['default/b'])
    expect(asked).toEqual(['/api/v1/namespaces/default/configmaps?allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&sendInitialEvents=true&watch=true'])
    test.server.stop()
  })

  it('lists where the server knows of no such watch', async () => {
    const { test, client, informer, asked, told } = await follow(({ path }) => (path.includes('sendInitialEvents') ? failure(422, 'Invalid', 'sendInitialEvents is forbidden for watch') : undefined))
    expect(informer.store.keys()).toEqual(['default/a'])
    await client.of(refs.configMaps).create({ metadata: { name: 'b', namespace: 'default' } })
    await settle()
    expect(informer.store.keys()).toEqual(['default/a', 'default/b'])
    expect(asked.slice(1).map((path) => path.replace(/=\d+/, '=N'))).toEqual(['/api/v1/namespaces/default/configmaps?resourceVersion=N', '/api/v1/namespaces/default/configmaps?resourceVersion=N&allowWatchBookmarks=true&watch=true'])
    expect(told).toEqual([])
    test.server.stop()
  })

  it('that finds nobody listening tries again without a word; one that lists first complains', async () => {
    const refused = Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' })
    for (const listsFirst of [false, true]) {
      let away = true
      const { test, informer, asked, told } = await follow(() => (away ? refused : undefined), listsFirst)
      expect([informer.hasSynced, asked.length, told]).toEqual([false, 1, listsFirst ? ['list: connection refused'] : []])
      away = false
      const until = test.clock.now() + 2000
      while ((test.clock.nextTimerAt() ?? until) < until) test.clock.runNext()
      await settle()
      expect(informer.hasSynced).toBe(true)
      test.server.stop()
    }
  })
})
