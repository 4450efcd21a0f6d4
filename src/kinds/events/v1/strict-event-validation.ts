import { deepEqual } from '../../../machinery/deep-equal.ts'
import {
  collected,
  type FieldErrors,
  type FieldPath,
  invalid,
  required,
} from '../../../machinery/field-error.ts'
import { validateNewMetadata } from '../../../machinery/metadata-rules.ts'
import {
  validateImmutable,
  validateObjectMetaUpdate,
} from '../../../machinery/validate-object-meta.ts'
import type { Event } from '../../core/v1/event.ts'
import type { ObjectReference } from '../../core/v1/object-reference.ts'

const TYPES = ['Normal', 'Warning']
const NEEDS_TO_BE_UNSET = 'needs to be unset'
/** Of an event that is known only its series changes, in the order of upstream's findings. */
const LASTING = [
  ...(['reason', 'message', 'source', 'firstTimestamp', 'lastTimestamp', 'count'] as const),
  ...(['reason', 'type', 'eventTime', 'action', 'related'] as const),
] as const

/** Who writes by events.k8s.io says all, and says it once; the core group's writers need not. */
export function validateStrictly(
  event: Event,
  old: Event | undefined,
  path: FieldPath,
): FieldErrors {
  return old === undefined ? validateNew(event, path) : validateChange(event, old, path)
}

function* validateNew(event: Event, path: FieldPath): FieldErrors {
  const { type = '', source } = event
  yield* collected(
    validateNewMetadata,
    { scope: 'Namespaced' },
    event.metadata,
    path.child('metadata'),
  )
  yield* validateSeries(event, path)
  if (!event.eventTime) yield required(path.child('eventTime'))
  if (!TYPES.includes(type)) yield invalid(path.child('type'), '', `has invalid value: ${type}`)
  for (const field of ['firstTimestamp', 'lastTimestamp', 'count'] as const) {
    if (event[field]) yield invalid(path.child(field), '', NEEDS_TO_BE_UNSET)
  }
  if (source.component || source.host) yield invalid(path.child('source'), '', NEEDS_TO_BE_UNSET)
}

function* validateChange(event: Event, old: Event, path: FieldPath): FieldErrors {
  yield* collected(validateObjectMetaUpdate, event.metadata, old.metadata, path.child('metadata'))
  if (!deepEqual(event.series, old.series)) yield* validateSeries(event, path)
  if (!deepEqual(event.involvedObject, old.involvedObject)) {
    yield immutable(path.child('involvedObject'), referenceInGo(event.involvedObject))
  }
  for (const field of LASTING) {
    if (deepEqual(event[field], old[field])) continue
    yield immutable(path.child(field), shownOf(event, field))
  }
  const reporterPath = path.child('reportingController')
  yield* validateImmutable(event.reportingComponent, old.reportingComponent, reporterPath)
  const instancePath = path.child('reportingInstance')
  yield* validateImmutable(event.reportingInstance, old.reportingInstance, instancePath)
}

function immutable(path: FieldPath, shown: unknown) {
  return invalid(path, shown, 'field is immutable')
}

/** Upstream shows what it holds, with the names that it has in Go. */
function shownOf(event: Event, field: (typeof LASTING)[number]): unknown {
  const { source, related } = event
  if (field === 'source') return { Component: source.component ?? '', Host: source.host ?? '' }
  if (field === 'related') return related && referenceInGo(related)
  return event[field] ?? (field === 'count' ? 0 : field.endsWith('Timestamp') ? null : '')
}

function referenceInGo(reference: ObjectReference) {
  const { kind = '', namespace = '', name = '', uid = '', apiVersion = '' } = reference
  const { resourceVersion = '', fieldPath = '' } = reference
  return {
    ...{ Kind: kind, Namespace: namespace, Name: name, UID: uid, APIVersion: apiVersion },
    ...{ ResourceVersion: resourceVersion, FieldPath: fieldPath },
  }
}

function* validateSeries({ series }: Event, path: FieldPath): FieldErrors {
  if (series === undefined) return
  const { count = 0, lastObservedTime } = series
  if (count < 2) yield invalid(path.child('series.count'), '', 'should be at least 2')
  if (!lastObservedTime) yield required(path.child('series.lastObservedTime'))
}
