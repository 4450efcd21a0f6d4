import { type Infer, s } from '../../../machinery/schema.ts'

/** Verbs that are allowed on resources or paths. */
export const PolicyRule = s.struct('rbac.v1.PolicyRule', {
  verbs: s.list(s.string(), { listType: 'atomic' }),
  apiGroups: s.list(s.string(), { listType: 'atomic' }).optional(),
  resources: s.list(s.string(), { listType: 'atomic' }).optional(),
  resourceNames: s.list(s.string(), { listType: 'atomic' }).optional(),
  nonResourceURLs: s.list(s.string(), { listType: 'atomic' }).optional(),
})
export interface PolicyRule extends Infer<typeof PolicyRule> {}
