import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { defaultWebhooks } from '#engine/apiserver/registry/admissionregistration/defaults'
import { validateWebhooks } from '#engine/apiserver/registry/admissionregistration/validation'

export const validatingWebhookConfigurations = defineResource({
  ...identity('admissionregistration.k8s.io/v1/validatingwebhookconfigurations'),
  validate: validateWebhooks,
  defaults: defaultWebhooks,
  columns: [nameColumn, column('Webhooks', (object) => ((object.webhooks ?? []) as unknown[]).length, { type: 'integer', says: 'Webhooks indicates the number of webhooks registered in this configuration' }), ageColumn],
})
