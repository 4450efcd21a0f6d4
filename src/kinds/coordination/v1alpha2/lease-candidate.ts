import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { storedUnderVersion } from '../../../machinery/stored-as.ts'
import { inVersion } from '../../../machinery/struct-version.ts'
import { ageColumn } from '../../column-text.ts'
import {
  LeaseCandidateSpec,
  LeaseCandidate as LeaseCandidateV1beta1,
} from '../v1beta1/lease-candidate.ts'

const fields = {
  spec: inVersion(LeaseCandidateSpec, 'coordination.v1beta1', 'coordination.v1alpha2'),
}

/** Somebody who would take a lease, for a coordinated election. */
export const LeaseCandidate = defineKind({
  group: 'coordination.k8s.io',
  version: 'v1alpha2',
  kind: 'LeaseCandidate',
  plural: 'leasecandidates',
  scope: 'Namespaced',
  allowsCreateOnUpdate: true,
  allowsUnconditionalUpdate: false,
  fields,
  hasGeneration: false,
  columns: [
    { name: 'LeaseName', type: 'string', of: ({ spec }) => spec.leaseName },
    { name: 'BinaryVersion', type: 'string', of: ({ spec }) => spec.binaryVersion },
    { name: 'EmulationVersion', type: 'string', of: ({ spec }) => spec.emulationVersion },
    ageColumn,
  ],
  storedAs: storedUnderVersion(() => LeaseCandidateV1beta1, 'coordination.k8s.io/v1alpha2'),
})
export interface LeaseCandidate extends StoredObject<typeof fields, 'Namespaced'> {}
