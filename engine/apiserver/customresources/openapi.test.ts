import { expect, it } from 'vitest'
import type { KubeObject } from '#engine/api/object'
import { customDocuments } from './openapi'

it('offers clients no strategic merge of custom objects: kubectl apply merges them itself', () => {
  const crd = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'boxes.example.com' }, spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'boxes', kind: 'Box' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }] } } as unknown as KubeObject
  const document = customDocuments([crd]).documents.get('apis/example.com/v1') as { paths: Record<string, { patch: { requestBody: { content: object } } }> }
  expect(Object.keys(document.paths['/apis/example.com/v1/namespaces/{namespace}/boxes/{name}']?.patch.requestBody.content ?? {}).sort()).toEqual(['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json'])
})
