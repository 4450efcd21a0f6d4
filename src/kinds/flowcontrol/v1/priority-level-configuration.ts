import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import { FLOW_CONTROL_METADATA, setPriorityLevelDefaults } from './flow-control-defaults.ts'
import { priorityLevelFromBeta } from './from-beta.ts'
import {
  validatePriorityLevel,
  validatePriorityLevelStatusUpdate,
} from './priority-level-configuration-validation.ts'

/** The nominal share of requests that are never limited. */
export const ExemptPriorityLevelConfiguration = s.struct(
  'flowcontrol.v1.ExemptPriorityLevelConfiguration',
  {
    nominalConcurrencyShares: s.int32().default(0).pointer(),
    lendablePercent: s.int32().default(0).pointer(),
  },
)
export interface ExemptPriorityLevelConfiguration
  extends Infer<typeof ExemptPriorityLevelConfiguration> {}

/** How requests wait: queues, their length, and how flows are dealt over them. */
export const QueuingConfiguration = s.struct('flowcontrol.v1.QueuingConfiguration', {
  queues: s.int32().publishedDefault(0),
  handSize: s.int32().publishedDefault(0),
  queueLengthLimit: s.int32().publishedDefault(0),
})
export interface QueuingConfiguration extends Infer<typeof QueuingConfiguration> {}

/** What happens to requests that cannot be served now. */
export const LimitResponse = s.struct(
  'flowcontrol.v1.LimitResponse',
  {
    type: s.string(),
    queuing: QueuingConfiguration.optional(),
  },
  { union: { discriminator: 'type', fields: { queuing: 'Queuing' } } },
)
export interface LimitResponse extends Infer<typeof LimitResponse> {}

/** How many requests a level may serve at once, lend and borrow. */
export const LimitedPriorityLevelConfiguration = s.struct(
  'flowcontrol.v1.LimitedPriorityLevelConfiguration',
  {
    nominalConcurrencyShares: s.int32().default(30).pointer(),
    limitResponse: LimitResponse.present(),
    lendablePercent: s.int32().default(0).pointer(),
    borrowingLimitPercent: s.int32().optional().pointer(),
  },
)
export interface LimitedPriorityLevelConfiguration
  extends Infer<typeof LimitedPriorityLevelConfiguration> {}

/** Whether a level is limited, and how. */
export const PriorityLevelConfigurationSpec = s.struct(
  'flowcontrol.v1.PriorityLevelConfigurationSpec',
  {
    type: s.string(),
    limited: LimitedPriorityLevelConfiguration.optional(),
    exempt: ExemptPriorityLevelConfiguration.optional(),
  },
  { union: { discriminator: 'type', fields: { exempt: 'Exempt', limited: 'Limited' } } },
)
export interface PriorityLevelConfigurationSpec
  extends Infer<typeof PriorityLevelConfigurationSpec> {}

/** One aspect of a priority level's state. */
export const PriorityLevelConfigurationCondition = s.struct(
  'flowcontrol.v1.PriorityLevelConfigurationCondition',
  {
    type: s.string().optional(),
    status: s.known('True', 'False', 'Unknown').optional(),
    lastTransitionTime: s.time().orNull(),
    reason: s.string().optional(),
    message: s.string().optional(),
  },
)
export interface PriorityLevelConfigurationCondition
  extends Infer<typeof PriorityLevelConfigurationCondition> {}

/** Whether a priority level is in order. */
export const PriorityLevelConfigurationStatus = s.struct(
  'flowcontrol.v1.PriorityLevelConfigurationStatus',
  {
    conditions: s
      .list(PriorityLevelConfigurationCondition, {
        listType: 'map',
        listMapKeys: ['type'],
        patchStrategy: 'merge',
        patchMergeKey: 'type',
      })
      .optional(),
  },
)
export interface PriorityLevelConfigurationStatus
  extends Infer<typeof PriorityLevelConfigurationStatus> {}

const fields = {
  spec: PriorityLevelConfigurationSpec.present(),
  status: PriorityLevelConfigurationStatus.default({}),
}

/** A share of the API server's capacity. */
export const PriorityLevelConfiguration = defineKind({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'PriorityLevelConfiguration',
  plural: 'prioritylevelconfigurations',
  scope: 'Cluster',
  fromOtherVersion: priorityLevelFromBeta,
  metadataRules: FLOW_CONTROL_METADATA,
  fields,
  setDefaults: setPriorityLevelDefaults,
  validate: validatePriorityLevel,
  validateStatusUpdate: validatePriorityLevelStatusUpdate,
  columns: [
    { name: 'Type', type: 'string', of: ({ spec }) => spec.type },
    {
      name: 'NominalConcurrencyShares',
      type: 'string',
      of: ({ spec }) => spec.limited?.nominalConcurrencyShares ?? '<none>',
    },
    {
      name: 'Queues',
      type: 'string',
      of: ({ spec }) => spec.limited?.limitResponse.queuing?.queues ?? '<none>',
    },
    {
      name: 'HandSize',
      type: 'string',
      of: ({ spec }) => spec.limited?.limitResponse.queuing?.handSize ?? '<none>',
    },
    {
      name: 'QueueLengthLimit',
      type: 'string',
      of: ({ spec }) => spec.limited?.limitResponse.queuing?.queueLengthLimit ?? '<none>',
    },
    ageColumn,
  ],
})
export interface PriorityLevelConfiguration extends StoredObject<typeof fields, 'Cluster'> {}
