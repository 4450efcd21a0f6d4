import { invalid } from '../../../machinery/field-error.ts'
import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { s } from '../../../machinery/schema.ts'

/** Who holds a lock and until when: leader election and node heartbeats. */
export const Lease = defineKind({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  scope: 'Namespaced',
  hasGeneration: false,
  allowsCreateOnUpdate: true,
  allowsUnconditionalUpdate: false,

  fields: {
    spec: s
      .struct('coordination.v1.LeaseSpec', {
        holderIdentity: s.string().optional(),
        leaseDurationSeconds: s.int32().optional(),
        acquireTime: s.microTime().optional(),
        renewTime: s.microTime().optional(),
        leaseTransitions: s.int32().optional(),
        strategy: s.string().optional(),
        preferredHolder: s.string().optional(),
      })
      .default({}),
  },

  *validate({ spec }, path) {
    const { leaseDurationSeconds: duration, leaseTransitions: transitions } = spec
    if (duration !== undefined && duration <= 0) {
      yield invalid(path.child('spec', 'leaseDurationSeconds'), duration, 'must be greater than 0')
    }
    if (transitions !== undefined && transitions < 0) {
      yield invalid(
        path.child('spec', 'leaseTransitions'),
        transitions,
        'must be greater than or equal to 0',
      )
    }
  },

  columns: [
    { name: 'Holder', type: 'string', of: (lease) => lease.spec.holderIdentity },
    { name: 'Age', type: 'date', of: (lease) => lease.metadata.creationTimestamp },
  ],
})

export interface Lease extends ObjectOfKind<typeof Lease> {}
