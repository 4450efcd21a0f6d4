import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import { FLOW_CONTROL_METADATA, setFlowSchemaDefaults } from './flow-control-defaults.ts'
import { validateFlowSchema, validateFlowSchemaStatusUpdate } from './flow-schema-validation.ts'

/** What tells the flows of one schema apart. */
export const FlowDistinguisherMethod = s.struct('flowcontrol.v1.FlowDistinguisherMethod', {
  type: s.string(),
})
export interface FlowDistinguisherMethod extends Infer<typeof FlowDistinguisherMethod> {}

/** A priority level by name. */
export const PriorityLevelConfigurationReference = s.struct(
  'flowcontrol.v1.PriorityLevelConfigurationReference',
  {
    name: s.string(),
  },
)
export interface PriorityLevelConfigurationReference
  extends Infer<typeof PriorityLevelConfigurationReference> {}

/** A user by name. */
export const UserSubject = s.struct('flowcontrol.v1.UserSubject', {
  name: s.string(),
})
export interface UserSubject extends Infer<typeof UserSubject> {}

/** A group of users. */
export const GroupSubject = s.struct('flowcontrol.v1.GroupSubject', {
  name: s.string(),
})
export interface GroupSubject extends Infer<typeof GroupSubject> {}

/** A service account. */
export const ServiceAccountSubject = s.struct('flowcontrol.v1.ServiceAccountSubject', {
  namespace: s.string(),
  name: s.string(),
})
export interface ServiceAccountSubject extends Infer<typeof ServiceAccountSubject> {}

/** Who sends a request: a user, a group or a service account. */
export const Subject = s.struct(
  'flowcontrol.v1.Subject',
  {
    kind: s.string(),
    user: UserSubject.optional(),
    group: GroupSubject.optional(),
    serviceAccount: ServiceAccountSubject.optional(),
  },
  {
    union: {
      discriminator: 'kind',
      fields: { group: 'Group', serviceAccount: 'ServiceAccount', user: 'User' },
    },
  },
)

export interface Subject extends Infer<typeof Subject> {}

/** Requests for resources. */
export const ResourcePolicyRule = s.struct('flowcontrol.v1.ResourcePolicyRule', {
  verbs: s.list(s.string(), { listType: 'set' }),
  apiGroups: s.list(s.string(), { listType: 'set' }),
  resources: s.list(s.string(), { listType: 'set' }),
  clusterScope: s.bool().optional(),
  namespaces: s.list(s.string(), { listType: 'set' }).optional(),
})
export interface ResourcePolicyRule extends Infer<typeof ResourcePolicyRule> {}

/** Requests for paths that are not resources. */
export const NonResourcePolicyRule = s.struct('flowcontrol.v1.NonResourcePolicyRule', {
  verbs: s.list(s.string(), { listType: 'set' }),
  nonResourceURLs: s.list(s.string(), { listType: 'set' }),
})
export interface NonResourcePolicyRule extends Infer<typeof NonResourcePolicyRule> {}

/** Requests by who sends them and what they ask for. */
export const PolicyRulesWithSubjects = s.struct('flowcontrol.v1.PolicyRulesWithSubjects', {
  subjects: s.list(Subject, { listType: 'atomic' }),
  resourceRules: s.list(ResourcePolicyRule, { listType: 'atomic' }).optional(),
  nonResourceRules: s.list(NonResourcePolicyRule, { listType: 'atomic' }).optional(),
})
export interface PolicyRulesWithSubjects extends Infer<typeof PolicyRulesWithSubjects> {}

/** Which requests match, at which precedence, and where they go. */
export const FlowSchemaSpec = s.struct('flowcontrol.v1.FlowSchemaSpec', {
  priorityLevelConfiguration: PriorityLevelConfigurationReference,
  matchingPrecedence: s.int32().publishedDefault(0),
  distinguisherMethod: FlowDistinguisherMethod.optional(),
  rules: s.list(PolicyRulesWithSubjects, { listType: 'atomic' }).optional(),
})
export interface FlowSchemaSpec extends Infer<typeof FlowSchemaSpec> {}

/** One aspect of a flow schema's state. */
export const FlowSchemaCondition = s.struct('flowcontrol.v1.FlowSchemaCondition', {
  type: s.string().optional(),
  status: s.known('True', 'False', 'Unknown').optional(),
  lastTransitionTime: s.time().orNull(),
  reason: s.string().optional(),
  message: s.string().optional(),
})
export interface FlowSchemaCondition extends Infer<typeof FlowSchemaCondition> {}

/** Whether a flow schema is in order. */
export const FlowSchemaStatus = s.struct('flowcontrol.v1.FlowSchemaStatus', {
  conditions: s
    .list(FlowSchemaCondition, {
      listType: 'map',
      listMapKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    })
    .optional(),
})
export interface FlowSchemaStatus extends Infer<typeof FlowSchemaStatus> {}

const fields = {
  spec: FlowSchemaSpec.present(),
  status: FlowSchemaStatus.default({}),
}

/** Sorts requests into a priority level. */
export const FlowSchema = defineKind({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'FlowSchema',
  plural: 'flowschemas',
  scope: 'Cluster',
  metadataRules: FLOW_CONTROL_METADATA,
  fields,
  setDefaults: setFlowSchemaDefaults,
  validate: validateFlowSchema,
  validateStatusUpdate: validateFlowSchemaStatusUpdate,
  /** In the order in which they are asked whether they match. */
  compareRows: (a, b) =>
    a.spec.matchingPrecedence - b.spec.matchingPrecedence ||
    (a.metadata.name < b.metadata.name ? -1 : 1),
  columns: [
    {
      name: 'PriorityLevel',
      type: 'string',
      of: ({ spec }) => spec.priorityLevelConfiguration.name,
    },
    { name: 'MatchingPrecedence', type: 'string', of: ({ spec }) => spec.matchingPrecedence },
    {
      name: 'DistinguisherMethod',
      type: 'string',
      of: ({ spec }) => spec.distinguisherMethod?.type ?? '<none>',
    },
    ageColumn,
    {
      name: 'MissingPL',
      type: 'string',
      of: ({ status }) => status.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?',
    },
  ],
})
export interface FlowSchema extends StoredObject<typeof fields, 'Cluster'> {}
