import { fallback, fallbackText, listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { pullPolicyOf } from './pull-policy'

/** 0644 */
const fileMode = 420

const defaulters: Readonly<Record<string, (source: Free) => void>> = {
  secret: (source) => fallback(source, 'defaultMode', fileMode),
  configMap: (source) => fallback(source, 'defaultMode', fileMode),
  downwardAPI: (source) => {
    fallback(source, 'defaultMode', fileMode)
    defaultDownwardItems(source)
  },
  projected: (source) => {
    fallback(source, 'defaultMode', fileMode)
    for (const part of listOf(source.sources)) defaultProjection(part)
  },
  ephemeral: (source) => {
    if (source.volumeClaimTemplate) fallback((source.volumeClaimTemplate.spec ??= {}), 'volumeMode', 'Filesystem')
  },
  image: (source) => {
    if (!source.pullPolicy) source.pullPolicy = pullPolicyOf(source.reference ?? '')
  },
  iscsi: (source) => fallbackText(source, 'iscsiInterface', 'default'),
  hostPath: (source) => fallback(source, 'type', ''),
  rbd: (source) => {
    for (const [field, value] of [['pool', 'rbd'], ['user', 'admin'], ['keyring', '/etc/ceph/keyring']] as const) fallbackText(source, field, value)
  },
  azureDisk: (source) => {
    for (const [field, value] of [['cachingMode', 'ReadWrite'], ['kind', 'Shared'], ['fsType', 'ext4'], ['readOnly', false]] as const) fallback(source, field, value)
  },
  scaleIO: (source) => {
    fallbackText(source, 'storageMode', 'ThinProvisioned')
    fallbackText(source, 'fsType', 'xfs')
  },
}

/** A volume that names no source is an emptyDir. */
export function defaultVolume(volume: Free): void {
  const sources = Object.keys(volume).filter((key) => key !== 'name' && volume[key] !== undefined && volume[key] !== null)
  if (sources.length === 0) volume.emptyDir = {}
  for (const source of sources) defaulters[source]?.(volume[source])
}

/** The same for the source of a persistent volume. */
export function defaultVolumeSource(spec: Free): void {
  for (const source of ['hostPath', 'iscsi', 'rbd', 'azureDisk', 'scaleIO']) {
    const value = spec[source]
    if (!value) continue
    defaulters[source]?.(value)
  }
}

function defaultDownwardItems(source: Free): void {
  for (const item of listOf(source.items)) if (item.fieldRef) fallbackText(item.fieldRef, 'apiVersion', 'v1')
}

function defaultProjection(part: Free): void {
  if (part.serviceAccountToken) fallback(part.serviceAccountToken, 'expirationSeconds', 3600)
  if (part.downwardAPI) defaultDownwardItems(part.downwardAPI)
}
