import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { s } from '../../../machinery/schema.ts'
import { validateLease } from './lease-validation.ts'

const fields = {
  spec: s
    .struct('coordination.v1.LeaseSpec', {
      holderIdentity: s.string().optional().pointer(),
      leaseDurationSeconds: s.int32().optional().pointer(),
      acquireTime: s.microTime().optional().pointer(),
      renewTime: s.microTime().optional().pointer(),
      leaseTransitions: s.int32().optional().pointer(),
      strategy: s.string().optional().pointer(),
      preferredHolder: s.string().optional().pointer(),
    })
    .default({}),
}

/** Who holds a lock and until when: leader election and node heartbeats. */
export const Lease = defineKind({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  scope: 'Namespaced',
  metadataRules: { allowsPlainFinalizers: true },
  hasGeneration: false,
  allowsCreateOnUpdate: true,
  allowsUnconditionalUpdate: false,

  fields,

  validate: validateLease,
  columns: [
    { name: 'Holder', type: 'string', of: (lease) => lease.spec.holderIdentity },
    { name: 'Age', type: 'date', of: (lease) => lease.metadata.creationTimestamp },
  ],
})

export interface Lease extends StoredObject<typeof fields, 'Namespaced'> {}
