import { EmbeddedMeta } from '../../../machinery/object-meta.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { PodSpec } from './pod-spec.ts'

/** The pods that a workload makes: their metadata and their spec. */
export const PodTemplateSpec = s.struct('core.v1.PodTemplateSpec', {
  metadata: EmbeddedMeta.default({}),
  spec: PodSpec.present(),
})
export interface PodTemplateSpec extends Infer<typeof PodTemplateSpec> {}
