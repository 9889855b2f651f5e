/** MutatingAdmissionWebhook and ValidatingAdmissionWebhook. */
import { decodeUtf8, fromBase64 } from '#engine/base/bytes'
import { equalJson, copyObject } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { internalError } from '#engine/api/errors'
import { applyJsonPatch } from '#engine/api/patch/json'
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import type { ServerServices } from '#engine/apiserver/services'
import { ask, heed, hooksFor } from './hooks'
import type { Hook } from './hooks'

const mutating = 'mutatingwebhookconfigurations.admissionregistration.k8s.io'
const validating = 'validatingwebhookconfigurations.admissionregistration.k8s.io'

export const mutatingAdmissionWebhook: AdmissionRegistration = {
  name: 'MutatingAdmissionWebhook',
  enabledByDefault: true,
  create: (services) => ({ name: 'MutatingAdmissionWebhook', handles: () => true, admit: (attributes) => (services.reader.hasNone(mutating) ? undefined : mutate(attributes, services)) }),
}

export const validatingAdmissionWebhook: AdmissionRegistration = {
  name: 'ValidatingAdmissionWebhook',
  enabledByDefault: true,
  create: (services) => ({ name: 'ValidatingAdmissionWebhook', handles: () => true, validate: (attributes) => (services.reader.hasNone(validating) ? undefined : validate(attributes, services)) }),
}

/** One after the other; whoever asks for it is called once more when a later one has changed the object. */
async function mutate(attributes: AdmissionAttributes, services: ServerServices): Promise<void> {
  const hooks = await hooksFor(attributes, services, mutating)
  const again: Hook[] = []
  for (const hook of hooks) {
    const changed = await invoke(hook, attributes, services)
    if (changed) for (const earlier of hooks.slice(0, hooks.indexOf(hook))) if (earlier.hook.reinvocationPolicy === 'IfNeeded' && !again.includes(earlier)) again.push(earlier)
  }
  for (const hook of again) await invoke(hook, attributes, services)
}

/** True when the object was changed. */
async function invoke(hook: Hook, attributes: AdmissionAttributes, services: ServerServices): Promise<boolean> {
  const answer = await ask(hook, attributes, services)
  if (!answer) return false
  heed(hook, answer, attributes)
  if (!answer.patch || !attributes.object) return false
  const before = attributes.object
  const after = patched(hook, before, answer.patch)
  const definition = services.resources.find(attributes.group, attributes.version, attributes.resource)
  if (attributes.subresource === '') definition?.defaults?.(after)
  attributes.object = after
  return !equalJson(before, after)
}

function patched(hook: Hook, object: KubeObject, patch: string): KubeObject {
  try {
    return applyJsonPatch(copyObject(object), JSON.parse(decodeUtf8(fromBase64(patch))) as never) as KubeObject
  } catch (error) {
    throw internalError(`failed calling webhook ${JSON.stringify(hook.hook.name)}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** All at once; the first of the list that refuses is heard. */
async function validate(attributes: AdmissionAttributes, services: ServerServices): Promise<void> {
  const hooks = await hooksFor(attributes, services, validating)
  const answers = await Promise.allSettled(hooks.map((hook) => ask(hook, attributes, services)))
  for (const [index, result] of answers.entries()) {
    if (result.status === 'rejected') throw result.reason
    const hook = hooks[index]
    if (hook && result.value) heed(hook, result.value, attributes)
  }
}
