import { expect, it } from 'vitest'
import { startTestServer } from '#engine/apiserver/testing'
import { textBody } from '#engine/base/http'

type Json = Record<string, Record<string, Record<string, Record<string, unknown>>>>

async function served(enabled: boolean): Promise<(path: string) => Promise<Json>> {
  const { server } = await startTestServer(enabled ? { settings: { featureGates: new Map([['MutatingAdmissionPolicy', true]]) }, asksForVersion: () => true } : {})
  return async (path) => JSON.parse(await (await server.handle({ method: 'GET', path, headers: { accept: 'application/json' }, body: textBody('') })).body.text()) as Json
}

const path = 'apis/admissionregistration.k8s.io/v1beta1'
const schema = 'io.k8s.api.admissionregistration.v1beta1.MutatingAdmissionPolicySpec'

it('tells of a gated kind in both versions of OpenAPI as of any other', async () => {
  const get = await served(true)
  expect(Object.keys((await get('/openapi/v3'))['paths'] ?? {})).toContain(path)
  const v3 = await get(`/openapi/v3/${path}`)
  expect(Object.keys(v3['paths'] ?? {})).toContain(`/${path}/mutatingadmissionpolicies/{name}`)
  expect(JSON.stringify(v3['paths'])).not.toMatch(/ValidatingAdmissionPolicy|AdmissionregistrationV1[A-Z]/)
  expect(v3['components']?.['schemas']?.[schema]).toMatchObject({ properties: { mutations: { items: { allOf: [{ $ref: '#/components/schemas/io.k8s.api.admissionregistration.v1beta1.Mutation' }] } } } })
  const text = JSON.stringify(v3)
  const dangling = [...text.matchAll(/#\/components\/schemas\/([^"]+)"/g)].map(([, name = '']) => name).filter((name) => !v3['components']?.['schemas']?.[name])
  expect(dangling).toEqual([])
  const v2 = await get('/openapi/v2')
  expect(v2['definitions']?.[schema]?.['properties']?.['paramKind']).toMatchObject({ $ref: '#/definitions/io.k8s.api.admissionregistration.v1beta1.ParamKind' })
  expect(Object.keys(v2['paths'] ?? {})).toContain(`/${path}/mutatingadmissionpolicybindings`)
})

it('says nothing of it where the gate is off', async () => {
  const get = await served(false)
  expect(Object.keys((await get('/openapi/v3'))['paths'] ?? {})).not.toContain(path)
  expect((await get('/openapi/v2'))['definitions']?.[schema]).toBeUndefined()
})
