import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { storedUnderVersion } from '../../../machinery/stored-as.ts'
import { inVersion } from '../../../machinery/struct-version.ts'
import { ageColumn } from '../../column-text.ts'
import { ResourceSliceSpec, ResourceSlice as ResourceSliceV1 } from '../v1/resource-slice.ts'

const fields = {
  spec: inVersion(ResourceSliceSpec, 'resource.v1', 'resource.v1beta2'),
}

/** Devices that a driver offers. */
export const ResourceSlice = defineKind({
  group: 'resource.k8s.io',
  version: 'v1beta2',
  kind: 'ResourceSlice',
  plural: 'resourceslices',
  scope: 'Cluster',
  fields,
  returnsDeletedObject: true,
  selectableFields: {
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
    'spec.driver': ({ spec }) => spec.driver,
  },
  columns: [
    { name: 'Node', type: 'string', of: ({ spec }) => spec.nodeName ?? '' },
    { name: 'Driver', type: 'string', of: ({ spec }) => spec.driver },
    { name: 'Pool', type: 'string', of: ({ spec }) => spec.pool.name },
    ageColumn,
  ],
  storedAs: storedUnderVersion(() => ResourceSliceV1, 'resource.k8s.io/v1beta2'),
})
export interface ResourceSlice extends StoredObject<typeof fields, 'Cluster'> {}
