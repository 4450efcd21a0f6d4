import {
  type FieldErrors,
  type FieldPath,
  invalid,
  required,
} from '../../../machinery/field-error.ts'
import { dns1123SubdomainErrors } from '../../../machinery/names.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import type { Event } from './event.ts'
import { validateQualifiedName } from './field-rules.ts'

const MOST_CHARACTERS = 128
const MOST_MESSAGE_CHARACTERS = 1024
const NO_MATCH = 'does not match event.namespace'

/** Events with an `eventTime` follow the newer rules, whichever API they come by. */
export function* validateEvent(event: Event, path: FieldPath): FieldErrors {
  const { metadata, involvedObject, eventTime } = event
  const { namespace = '' } = involvedObject
  const place = path.child('involvedObject', 'namespace')
  const isNew = eventTime !== undefined && eventTime !== null
  if (isNew) {
    if (namespace === '' && !['default', 'kube-system'].includes(metadata.namespace)) {
      yield invalid(place, namespace, NO_MATCH)
    }
    yield* validateReport(event, path)
  } else if (namespace === '') {
    if (metadata.namespace !== 'default') yield invalid(place, namespace, NO_MATCH)
  } else if (metadata.namespace !== namespace) yield invalid(place, namespace, NO_MATCH)
  const reasons = dns1123SubdomainErrors(metadata.namespace)
  yield* invalids(path.child('namespace'), metadata.namespace, reasons)
}

export function* validateEventUpdate(event: Event, _old: Event, path: FieldPath): FieldErrors {
  yield* validateEvent(event, path)
}

function* validateReport(event: Event, path: FieldPath): FieldErrors {
  const { reportingComponent, message = '' } = event
  const reporterPath = path.child('reportingComponent')
  if (reportingComponent === '') yield required(reporterPath)
  yield* validateQualifiedName(reportingComponent, reporterPath)
  for (const name of ['reportingInstance', 'action', 'reason'] as const) {
    const value = event[name] ?? ''
    if (value === '') yield required(path.child(name))
    if (value.length > MOST_CHARACTERS) yield tooManyCharacters(path.child(name), MOST_CHARACTERS)
  }
  if (message.length > MOST_MESSAGE_CHARACTERS) {
    yield tooManyCharacters(path.child('message'), MOST_MESSAGE_CHARACTERS)
  }
}

function tooManyCharacters(path: FieldPath, most: number) {
  return invalid(path, '', `can have at most ${most} characters`)
}
