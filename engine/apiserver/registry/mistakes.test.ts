/** The usual mistakes of manifests, a document each, and what the server says of them: `mistakes.txt`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { textBody } from '#engine/base/http'
import { parseYaml } from '#engine/base/yaml/parser'
import { parseGroupVersion } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { configMapKey, dns1035Label, dnsLabel, dnsSubdomain, labelValue, qualifiedName } from '#engine/api/validation/names'
import { startTestServer, type TestServer } from '#engine/apiserver/testing'

const file = new URL('mistakes.txt', import.meta.url)
/** Sentences that occur in every other answer. */
const sentences: readonly (readonly [string, string])[] = [
  ['«label»', dnsLabel('A_B')[0] ?? ''], ['«subdomain»', dnsSubdomain('A_B')[0] ?? ''], ['«name 1035»', dns1035Label('1s')[0] ?? ''],
  ['«key»', qualifiedName('a b')[0] ?? ''], ['«value»', labelValue('b c')[0] ?? ''], ['«config key»', configMapKey('a b')[0] ?? ''],
]

interface Mistake {
  readonly title: string
  readonly manifest: string
  readonly answers: readonly string[]
}

function mistakes(): Mistake[] {
  return readFileSync(file, 'utf8').trimEnd().split('\n\n').map((entry) => {
    const [head = '', answers = ''] = entry.split('\n=>\n')
    const [title = '', ...lines] = head.split('\n')
    return { title, manifest: lines.join('\n'), answers: answers.split('\n') }
  })
}

async function answersTo({ server }: TestServer, manifest: string): Promise<string[]> {
  const object = parseYaml(manifest) as KubeObject
  const { group, version } = parseGroupVersion(object.apiVersion)
  const definition = server.catalog.ofKind(group, object.kind, version)
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const path = definition?.scope === 'namespaced' ? `${root}/namespaces/default/${definition.plural}` : `${root}/${definition?.plural ?? ''}`
  const response = await server.handle({ method: 'POST', path: `${path}?dryRun=All&fieldValidation=Strict`, headers: { 'content-type': 'application/json' }, body: textBody(JSON.stringify(object)) })
  const status = JSON.parse(await response.body.text()) as { message?: string; details?: { causes?: readonly { field: string; message: string }[] } }
  const said = status.details?.causes?.map(({ field, message }) => `${field}: ${message}`) ?? [status.message ?? 'created']
  return [...new Set(said)].map((line) => sentences.reduce((text, [token, sentence]) => text.replaceAll(sentence, token), line).replaceAll('\n', '\\n'))
}

describe('a manifest with mistakes is refused in the words of the server', async () => {
  const cluster = await startTestServer()
  await cluster.server.services.client.create('serviceaccounts', 'default', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } })
  const known = mistakes()
  if (process.env['UPDATE'] === '1') {
    const entries = await Promise.all(known.map(async ({ title, manifest }) => `${title}\n${manifest}\n=>\n${(await answersTo(cluster, manifest)).join('\n')}`))
    writeFileSync(file, `${entries.join('\n\n')}\n`)
  }
  it.each(mistakes())('$title', async ({ manifest, answers }) => {
    expect(await answersTo(cluster, manifest)).toEqual(answers)
  })
})
