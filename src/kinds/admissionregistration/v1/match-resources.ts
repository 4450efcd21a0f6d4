import { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import { type Infer, s } from '../../../machinery/schema.ts'

/** A named CEL expression that must be true for a webhook or policy to run. */
export const MatchCondition = s.struct('admissionregistration.v1.MatchCondition', {
  name: s.string(),
  expression: s.string(),
})
export interface MatchCondition extends Infer<typeof MatchCondition> {}

/** A rule on operations and resources that may be narrowed to names. */
export const NamedRuleWithOperations = s.struct(
  'admissionregistration.v1.NamedRuleWithOperations',
  {
    resourceNames: s.list(s.string(), { listType: 'atomic' }).optional(),
    operations: s.list(s.string(), { listType: 'atomic' }).optional(),
    apiGroups: s.list(s.string(), { listType: 'atomic' }).optional(),
    apiVersions: s.list(s.string(), { listType: 'atomic' }).optional(),
    resources: s.list(s.string(), { listType: 'atomic' }).optional(),
    scope: s.string().default('*').pointer(),
  },
  { mapType: 'atomic' },
)
export interface NamedRuleWithOperations extends Infer<typeof NamedRuleWithOperations> {}

/** Which requests a policy or its binding applies to. */
export const MatchResources = s.struct(
  'admissionregistration.v1.MatchResources',
  {
    namespaceSelector: LabelSelector.default({}).pointer(),
    objectSelector: LabelSelector.default({}).pointer(),
    resourceRules: s.list(NamedRuleWithOperations, { listType: 'atomic' }).optional(),
    excludeResourceRules: s.list(NamedRuleWithOperations, { listType: 'atomic' }).optional(),
    matchPolicy: s.oneOf('Equivalent', 'Exact').default('Equivalent').pointer(),
  },
  { mapType: 'atomic' },
)
export interface MatchResources extends Infer<typeof MatchResources> {}
