import { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { TypedLocalObjectReference, TypedObjectReference } from './object-reference.ts'
import { VolumeResourceRequirements } from './resources.ts'

/** How much storage of which class is wanted, and how it is to be accessed. */
export const PersistentVolumeClaimSpec = s.struct('core.v1.PersistentVolumeClaimSpec', {
  accessModes: s
    .list(s.oneOf('ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'), {
      listType: 'atomic',
    })
    .optional(),
  selector: LabelSelector.optional(),
  resources: VolumeResourceRequirements.default({}),
  volumeName: s.string().optional(),
  storageClassName: s.string().optional().pointer(),
  volumeMode: s.oneOf('Block', 'Filesystem').default('Filesystem').pointer(),
  dataSource: TypedLocalObjectReference.optional(),
  dataSourceRef: TypedObjectReference.optional(),
  volumeAttributesClassName: s.string().optional().pointer(),
})
export interface PersistentVolumeClaimSpec extends Infer<typeof PersistentVolumeClaimSpec> {}
