import { type Infer, s } from '../../../machinery/schema.ts'

export const RoleRef = s.struct(
  'rbac.v1.RoleRef',
  {
    apiGroup: s.string().default(''),
    kind: s.string(),
    name: s.string(),
  },
  { mapType: 'atomic' },
)
export interface RoleRef extends Infer<typeof RoleRef> {}

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
