import { type Infer, s } from './schema.ts'

/** One aspect of an object's state: its status, since when and why. */
export const Condition = s.struct('meta.v1.Condition', {
  type: s.string(),
  status: s.known('True', 'False', 'Unknown'),
  observedGeneration: s.int64().optional(),
  lastTransitionTime: s.time(),
  reason: s.string(),
  message: s.string(),
})
export interface Condition extends Infer<typeof Condition> {}
