import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'

/** The replicas wanted. */
export const ScaleSpec = s.struct('autoscaling.v1.ScaleSpec', {
  replicas: s.int32().publishedZero(0),
})
export interface ScaleSpec extends Infer<typeof ScaleSpec> {}

/** The replicas there are, and which pods are counted. */
export const ScaleStatus = s.struct('autoscaling.v1.ScaleStatus', {
  replicas: s.int32(),
  selector: s.string().optional(),
})
export interface ScaleStatus extends Infer<typeof ScaleStatus> {}

/** How many replicas a workload has and should have, whatever its kind. */
export const Scale = defineKind({
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  plural: '',
  scope: 'Namespaced',
  verbs: [],
  isVirtual: true,
  fields: {
    spec: ScaleSpec.default({}),
    status: ScaleStatus.present(),
  },
  columns: [
    { name: 'Name', type: 'string', of: ({ metadata }) => metadata.name },
    { name: 'Desired', type: 'integer', of: ({ spec }) => spec.replicas },
    { name: 'Available', type: 'integer', of: ({ status }) => status.replicas },
    ageColumn,
  ],
})
export interface Scale extends ObjectOfKind<typeof Scale> {}
