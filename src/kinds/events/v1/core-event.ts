import type { KubeObject } from '../../../machinery/kind.ts'
import type { Event as CoreEvent } from '../../core/v1/event.ts'
import type { Event } from './event.ts'

/** An event of events.k8s.io, in any of its versions, as the core group has it. */
export function coreEventOf(object: KubeObject): CoreEvent {
  const {
    regarding,
    note,
    deprecatedSource,
    deprecatedFirstTimestamp,
    deprecatedLastTimestamp,
    deprecatedCount,
    reportingController,
    reportingInstance,
    ...same
  } = object as Event
  return {
    ...same,
    apiVersion: 'v1',
    involvedObject: regarding,
    source: deprecatedSource,
    reportingComponent: reportingController ?? '',
    reportingInstance: reportingInstance ?? '',
    ...(note === undefined ? {} : { message: note }),
    ...(deprecatedFirstTimestamp === undefined ? {} : { firstTimestamp: deprecatedFirstTimestamp }),
    ...(deprecatedLastTimestamp === undefined ? {} : { lastTimestamp: deprecatedLastTimestamp }),
    ...(deprecatedCount === undefined ? {} : { count: deprecatedCount }),
  }
}
