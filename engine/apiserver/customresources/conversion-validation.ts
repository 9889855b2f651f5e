/** How objects of one version are made into those of another. */
import { forbidden, invalid, notSupported, required, type FieldError, type FieldPath } from '#engine/api/field'
import { dns1035Label } from '#engine/api/validation/names'
import type { CrdSpec, WebhookClient } from './crd'

export function conversionErrors(conversion: CrdSpec['conversion'], path: FieldPath): FieldError[] {
  if (!conversion) return []
  const { strategy, webhook } = conversion
  const client = path.child('webhookClientConfig')
  if (!strategy) return [required(path.child('strategy'), '')]
  if (strategy === 'Webhook') return [...(webhook?.clientConfig ? clientErrors(webhook.clientConfig, client) : [required(client, 'required when strategy is set to Webhook')]), ...versionErrors(webhook?.conversionReviewVersions ?? [], path.child('conversionReviewVersions'))]
  const errors = strategy === 'None' ? [] : [notSupported(path.child('strategy'), strategy, ['None', 'Webhook'])]
  if (webhook?.clientConfig) errors.push(forbidden(client, 'should not be set when strategy is not set to Webhook'))
  if (webhook?.conversionReviewVersions?.length) errors.push(forbidden(path.child('conversionReviewVersions'), 'should not be set when strategy is not set to Webhook'))
  return errors
}

function clientErrors({ url, service }: WebhookClient, at: FieldPath): FieldError[] {
  if ((url === undefined) === (service === undefined)) return [required(at, 'exactly one of url or service is required')]
  if (url !== undefined) return url.startsWith('https://') ? [] : [invalid(at.child('url'), url.split(':')[0] ?? '', "'https' is the only allowed URL scheme; desired format: https://host[/path]")]
  const errors: FieldError[] = []
  for (const field of ['name', 'namespace'] as const) if (!service?.[field]) errors.push(required(at.child('service', field), `service ${field} is required`))
  return errors
}

function versionErrors(versions: readonly string[], at: FieldPath): FieldError[] {
  if (versions.length === 0) return [required(at, '')]
  const errors: FieldError[] = []
  for (const [index, version] of versions.entries()) {
    if (versions.indexOf(version) < index) errors.push(invalid(at.index(index), version, 'duplicate version'))
    else for (const text of dns1035Label(version)) errors.push(invalid(at.index(index), version, text))
  }
  if (!versions.some((version) => version === 'v1' || version === 'v1beta1')) errors.push(invalid(at, versions, 'must include at least one of v1, v1beta1'))
  return errors
}
