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

/** Upstream's coordinated leader election is off: what an old lease says of it may stay. */
function withoutElection(lease: Lease, old: Lease | undefined): Lease {
  const { strategy, preferredHolder, ...spec } = lease.spec
  if (strategy === undefined && preferredHolder === undefined) return lease
  const keepsStrategy = strategy !== undefined && old?.spec.strategy !== undefined
  const keepsHolder = preferredHolder !== undefined && old?.spec.preferredHolder !== undefined
  return {
    ...lease,
    spec: {
      ...spec,
      ...(keepsStrategy && { strategy }),
      ...(keepsHolder && { preferredHolder }),
    },
  }
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
  prepareForCreate: (lease) => withoutElection(lease, undefined),
  prepareForUpdate: withoutElection,

  validate: validateLease,
  columns: [
    { name: 'Holder', type: 'string', of: (lease) => lease.spec.holderIdentity },
    { name: 'Age', type: 'date', of: (lease) => lease.metadata.creationTimestamp },
  ],
})

export interface Lease extends StoredObject<typeof fields, 'Namespaced'> {}
