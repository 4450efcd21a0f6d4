import { type Infer, s } from './schema.ts'

/** Which part of the objects a sharded list holds. */
export const ShardInfo = s.struct('meta.v1.ShardInfo', {
  selector: s.string(),
})
export interface ShardInfo extends Infer<typeof ShardInfo> {}
