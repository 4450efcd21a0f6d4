import { type Infer, s } from './schema.ts'

export const WatchEvent = s.struct('meta.v1.WatchEvent', {
  object: s.raw(),
  type: s.string(),
})
export interface WatchEvent extends Infer<typeof WatchEvent> {}
