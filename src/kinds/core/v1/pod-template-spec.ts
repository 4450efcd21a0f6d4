import { EmbeddedMeta } from '../../../machinery/object-meta.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { PodSpec } from './pod-spec.ts'

export const PodTemplateSpec = s.struct('core.v1.PodTemplateSpec', {
  metadata: EmbeddedMeta.default({}),
  spec: PodSpec.present(),
})
export interface PodTemplateSpec extends Infer<typeof PodTemplateSpec> {}
