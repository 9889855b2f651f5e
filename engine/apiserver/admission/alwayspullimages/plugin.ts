/** Every image is pulled anew, so that nobody runs one without the right to pull it. */
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import { allContainers, isPod } from '#engine/apiserver/admission/shared/pods'
import { listOf } from '#engine/apiserver/registry/free'

export const alwaysPullImages: AdmissionRegistration = {
  name: 'AlwaysPullImages',
  enabledByDefault: false,
  create: () => ({ name: 'AlwaysPullImages', handles: (operation) => operation === 'CREATE' || operation === 'UPDATE', admit, validate }),
}

const concerns = (attributes: AdmissionAttributes): boolean => isPod(attributes) || isPod(attributes, 'ephemeralcontainers')

function admit(attributes: AdmissionAttributes): void {
  if (!attributes.object || !concerns(attributes)) return
  for (const container of allContainers(attributes.object.spec)) container.imagePullPolicy = 'Always'
  for (const volume of listOf(attributes.object.spec?.volumes)) if (volume.image) volume.image.pullPolicy = 'Always'
}

function validate(attributes: AdmissionAttributes): void {
  if (!attributes.object || !concerns(attributes)) return
  for (const container of allContainers(attributes.object.spec)) {
    if (container.imagePullPolicy !== 'Always') throw admissionForbidden(attributes, `spec.${'containers'}.imagePullPolicy: Unsupported value: ${JSON.stringify(container.imagePullPolicy)}: supported values: "Always"`)
  }
}
