import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import { Toleration } from '../../core/v1/toleration.ts'
import { runtimeClassFromV1alpha1 } from './from-v1alpha1.ts'
import { validateRuntimeClass, validateRuntimeClassUpdate } from './runtime-class-validation.ts'
import { runtimeClassWarnings } from './runtime-class-warnings.ts'

/** What a runtime uses beside the containers. */
export const Overhead = s.struct('node.v1.Overhead', {
  podFixed: s.map(s.quantity()).optional(),
})
export interface Overhead extends Infer<typeof Overhead> {}

/** The nodes that offer a runtime class. */
export const Scheduling = s.struct('node.v1.Scheduling', {
  nodeSelector: s.map(s.string(), { mapType: 'atomic' }).optional(),
  tolerations: s.list(Toleration, { listType: 'atomic' }).optional(),
})
export interface Scheduling extends Infer<typeof Scheduling> {}

const fields = {
  handler: s.string(),
  overhead: Overhead.optional(),
  scheduling: Scheduling.optional(),
}

/** A way of running containers that the nodes offer. */
export const RuntimeClass = defineKind({
  group: 'node.k8s.io',
  version: 'v1',
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  scope: 'Cluster',
  fromOtherVersion: runtimeClassFromV1alpha1,
  metadataRules: { onUpdate: 'both', allowsPlainFinalizers: true },
  allowsCreateOnUpdate: true,
  allowsUnconditionalUpdate: false,
  fields,
  warningsOnCreate: runtimeClassWarnings,
  warningsOnUpdate: runtimeClassWarnings,
  validate: validateRuntimeClass,
  validateUpdate: validateRuntimeClassUpdate,
  columns: [{ name: 'Handler', type: 'string', of: ({ handler }) => handler }, ageColumn],
})
export interface RuntimeClass extends StoredObject<typeof fields, 'Cluster'> {}
