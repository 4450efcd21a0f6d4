import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import {
  candidateNameErrors,
  validateCandidate,
  validateCandidateUpdate,
} from './lease-candidate-validation.ts'

/** Which lease is wanted, by which version, and when the candidate last answered. */
export const LeaseCandidateSpec = s.struct('coordination.v1beta1.LeaseCandidateSpec', {
  leaseName: s.string(),
  pingTime: s.microTime().optional().pointer(),
  renewTime: s.microTime().optional().pointer(),
  binaryVersion: s.string(),
  emulationVersion: s.string().optional(),
  strategy: s.string().pointer(),
})
export interface LeaseCandidateSpec extends Infer<typeof LeaseCandidateSpec> {}

const fields = {
  spec: LeaseCandidateSpec,
}

/** Somebody who would take a lease, for a coordinated election. */
export const LeaseCandidate = defineKind({
  group: 'coordination.k8s.io',
  version: 'v1beta1',
  kind: 'LeaseCandidate',
  plural: 'leasecandidates',
  scope: 'Namespaced',
  metadataRules: { allowsPlainFinalizers: true },
  allowsCreateOnUpdate: true,
  allowsUnconditionalUpdate: false,
  fields,
  hasGeneration: false,
  validateName: candidateNameErrors,
  validate: validateCandidate,
  validateUpdate: validateCandidateUpdate,
  columns: [
    { name: 'LeaseName', type: 'string', of: ({ spec }) => spec.leaseName },
    { name: 'BinaryVersion', type: 'string', of: ({ spec }) => spec.binaryVersion },
    { name: 'EmulationVersion', type: 'string', of: ({ spec }) => spec.emulationVersion },
    ageColumn,
  ],
})
export interface LeaseCandidate extends StoredObject<typeof fields, 'Namespaced'> {}
