import { type Infer, s } from './schema.ts'

export const ShardInfo = s.struct('meta.v1.ShardInfo', {
  selector: s.string(),
})
export interface ShardInfo extends Infer<typeof ShardInfo> {}
