import { type Infer, s } from './schema.ts'

export const Condition = s.struct('meta.v1.Condition', {
  type: s.string(),
  status: s.known('True', 'False', 'Unknown'),
  observedGeneration: s.int64().optional(),
  lastTransitionTime: s.time(),
  reason: s.string(),
  message: s.string(),
})
export interface Condition extends Infer<typeof Condition> {}
