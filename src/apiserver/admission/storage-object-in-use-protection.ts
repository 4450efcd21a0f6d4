import { PersistentVolume } from '../../kinds/core/v1/persistent-volume.ts'
import { PersistentVolumeClaim } from '../../kinds/core/v1/persistent-volume-claim.ts'
import { VolumeAttributesClass } from '../../kinds/storage/v1/volume-attributes-class.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from './admission.ts'
import { isMainResource } from './main-resource.ts'

const FINALIZERS = [
  { kind: PersistentVolume, finalizer: 'kubernetes.io/pv-protection' },
  { kind: PersistentVolumeClaim, finalizer: 'kubernetes.io/pvc-protection' },
  { kind: VolumeAttributesClass, finalizer: 'kubernetes.io/vac-protection' },
]

/** Volumes, claims and their classes stay until nobody uses them: controllers let them go. */
export class StorageObjectInUseProtection implements AdmissionPlugin {
  readonly name = 'StorageObjectInUseProtection'
  readonly operations: readonly Operation[] = ['CREATE']
  readonly resources: readonly string[] = [
    '/persistentvolumes',
    '/persistentvolumeclaims',
    'storage.k8s.io/volumeattributesclasses',
  ]

  async mutate(attributes: AdmissionAttributes): Promise<KubeObject | undefined> {
    const { object } = attributes
    const finalizer = FINALIZERS.find(({ kind }) => isMainResource(attributes, kind))?.finalizer
    if (finalizer === undefined || object === undefined) return undefined
    const { finalizers = [] } = object.metadata
    if (finalizers.includes(finalizer)) return undefined
    return {
      ...object,
      metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] },
    }
  }
}
