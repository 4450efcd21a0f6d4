import { type Infer, s } from './schema.ts'

/** A resource and its group. */
export const GroupResource = s.struct('meta.v1.GroupResource', {
  group: s.string(),
  resource: s.string(),
})
export interface GroupResource extends Infer<typeof GroupResource> {}
