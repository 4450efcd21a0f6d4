import { type Infer, s } from '../../../machinery/schema.ts'

/** Keeps pods that do not tolerate it off a node. */
export const Taint = s.struct('core.v1.Taint', {
  key: s.string(),
  value: s.string().optional(),
  effect: s.oneOf('NoExecute', 'NoSchedule', 'PreferNoSchedule'),
  timeAdded: s.time().optional().pointer(),
})
export interface Taint extends Infer<typeof Taint> {}

/** Lets a pod onto nodes with a taint, or stay there for a time. */
export const Toleration = s.struct('core.v1.Toleration', {
  key: s.string().optional(),
  operator: s.oneOf('Equal', 'Exists', 'Gt', 'Lt').optional(),
  value: s.string().optional(),
  effect: s.oneOf('NoExecute', 'NoSchedule', 'PreferNoSchedule').optional(),
  tolerationSeconds: s.int64().optional().pointer(),
})
export interface Toleration extends Infer<typeof Toleration> {}
