import { type Infer, s } from '../../../machinery/schema.ts'

/** The role that a binding gives. */
export const RoleRef = s.struct(
  'rbac.v1.RoleRef',
  {
    apiGroup: s.string().publishedDefault(''),
    kind: s.string(),
    name: s.string(),
  },
  { mapType: 'atomic' },
)
export interface RoleRef extends Infer<typeof RoleRef> {}

/** Who gets a role: a user, a group or a service account. */
export const Subject = s.struct(
  'rbac.v1.Subject',
  {
    kind: s.string(),
    apiGroup: s.string().optional(),
    name: s.string(),
    namespace: s.string().optional(),
  },
  { mapType: 'atomic' },
)
export interface Subject extends Infer<typeof Subject> {}
