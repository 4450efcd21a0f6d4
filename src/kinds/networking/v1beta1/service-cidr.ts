import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { storedUnderVersion } from '../../../machinery/stored-as.ts'
import { inVersion } from '../../../machinery/struct-version.ts'
import { ageColumn } from '../../column-text.ts'
import {
  ServiceCIDRSpec,
  ServiceCIDRStatus,
  ServiceCIDR as ServiceCIDRV1,
} from '../v1/service-cidr.ts'

const fields = {
  spec: inVersion(ServiceCIDRSpec, 'networking.v1', 'networking.v1beta1').default({}),
  status: inVersion(ServiceCIDRStatus, 'networking.v1', 'networking.v1beta1').default({}),
}

/** A range from which services get their addresses. */
export const ServiceCIDR = defineKind({
  group: 'networking.k8s.io',
  version: 'v1beta1',
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  scope: 'Cluster',
  fields,
  hasGeneration: false,
  columns: [
    { name: 'CIDRs', type: 'string', of: ({ spec }) => spec.cidrs?.join(',') ?? '' },
    ageColumn,
  ],
  storedAs: storedUnderVersion(() => ServiceCIDRV1, 'networking.k8s.io/v1beta1'),
})
export interface ServiceCIDR extends StoredObject<typeof fields, 'Cluster'> {}
