import { type Infer, s } from '../../../machinery/schema.ts'

/** A user: name, unique identifier, groups and whatever else the authenticator knows. */
export const UserInfo = s.struct('authentication.v1.UserInfo', {
  username: s.string().optional(),
  uid: s.string().optional(),
  groups: s.list(s.string(), { listType: 'atomic' }).optional(),
  extra: s.map(s.list(s.string())).optional(),
})
export interface UserInfo extends Infer<typeof UserInfo> {}
