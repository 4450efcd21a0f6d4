import type { MetadataRules } from '../../../machinery/metadata-rules.ts'
import type { FlowSchema } from './flow-schema.ts'
import type { PriorityLevelConfiguration } from './priority-level-configuration.ts'

/** A new status leaves all metadata as it was. */
export const FLOW_CONTROL_METADATA: MetadataRules = {
  onUpdate: 'new',
  onStatusUpdate: 'none',
  statusKeeps: ['labels', 'annotations', 'finalizers', 'ownerReferences', 'generateName'],
}

const PRECEDENCE = 1000
const HAND_SIZE = 8
const QUEUES = 64
const QUEUE_LENGTH = 50

/** OpenAPI publishes 0, but 0 means the precedence that most schemas should have. */
export function setFlowSchemaDefaults(schema: FlowSchema): FlowSchema {
  if (schema.spec.matchingPrecedence !== 0) return schema
  return { ...schema, spec: { ...schema.spec, matchingPrecedence: PRECEDENCE } }
}

/** As with the precedence of schemas, 0 in a queue's numbers means the usual. */
export function setPriorityLevelDefaults(
  level: PriorityLevelConfiguration,
): PriorityLevelConfiguration {
  const { limited } = level.spec
  const queuing = limited?.limitResponse.queuing
  if (limited === undefined || queuing === undefined) return level
  const { handSize, queues, queueLengthLimit } = queuing
  if (handSize !== 0 && queues !== 0 && queueLengthLimit !== 0) return level
  const filled = {
    handSize: handSize || HAND_SIZE,
    queues: queues || QUEUES,
    queueLengthLimit: queueLengthLimit || QUEUE_LENGTH,
  }
  const limitResponse = { ...limited.limitResponse, queuing: filled }
  return { ...level, spec: { ...level.spec, limited: { ...limited, limitResponse } } }
}
