import { type Infer, s } from './schema.ts'

/** A change that a watch reports: its type, and the object after it. */
export const WatchEvent = s.struct('meta.v1.WatchEvent', {
  object: s.raw(),
  type: s.string(),
})
export interface WatchEvent extends Infer<typeof WatchEvent> {}
