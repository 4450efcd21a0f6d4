import { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { inVersion } from '../../../machinery/struct-version.ts'
import { NamedRuleWithOperations } from '../v1/match-resources.ts'

/** Which requests a policy or its binding applies to. */
export const MatchResources = s.struct(
  'admissionregistration.v1beta1.MatchResources',
  {
    namespaceSelector: LabelSelector.default({}).pointer(),
    objectSelector: LabelSelector.default({}).pointer(),
    resourceRules: s
      .list(
        inVersion(
          NamedRuleWithOperations,
          'admissionregistration.v1',
          'admissionregistration.v1beta1',
        ),
        { listType: 'atomic' },
      )
      .optional(),
    excludeResourceRules: s
      .list(
        inVersion(
          NamedRuleWithOperations,
          'admissionregistration.v1',
          'admissionregistration.v1beta1',
        ),
        { listType: 'atomic' },
      )
      .optional(),
    matchPolicy: s.string().default('Equivalent').pointer(),
  },
  { mapType: 'atomic' },
)
export interface MatchResources extends Infer<typeof MatchResources> {}
