import type { Volume } from '../../../../kinds/core/v1/volume.ts'
import { type Check, type PodParts, plural, quoted, sortedSet } from '../check.ts'

const ALLOWED = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
] as const

/** In the order in which a volume with several sources is named. */
const REFUSED = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
] as const

function typeOf(volume: Volume): string {
  return REFUSED.find((one) => volume[one] !== undefined) ?? 'unknown'
}

function find({ spec }: PodParts) {
  const bad = (spec.volumes ?? []).filter((volume) =>
    ALLOWED.every((one) => volume[one] === undefined),
  )
  if (bad.length === 0) return undefined
  const names = `${plural('volume', bad.length)} ${quoted(bad.map(({ name }) => name))}`
  const types = sortedSet(bad.map(typeOf))
  const verb = bad.length === 1 ? 'uses' : 'use'
  const what = plural('restricted volume type', types.length)
  return {
    reason: 'restricted volume types',
    detail: `${names} ${verb} ${what} ${quoted(types)}`,
  }
}

/** Volumes that come from the API or from a claim, and no others. */
export const restrictedVolumes: Check = {
  id: 'restrictedVolumes',
  level: 'restricted',
  revisions: [{ since: 0, overrides: ['hostPathVolumes'], find }],
}
