import {
  type FieldErrors,
  type FieldPath,
  forbidden,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { validateImmutable } from '../../../machinery/validate-object-meta.ts'
import type { PriorityClass } from './priority-class.ts'

const SYSTEM_PREFIX = 'system-'
const MOST_USER_VALUE = 1_000_000_000
const POLICIES = ['PreemptLowerPriority', 'Never']
const SYSTEM_VALUES: ReadonlyMap<string, number> = new Map([
  ['system-node-critical', 2_000_001_000],
  ['system-cluster-critical', 2_000_000_000],
])

/** Whether a class is one of those that the system makes. */
export function isSystemClass(name: string): boolean {
  return SYSTEM_VALUES.has(name)
}

export function* validatePriorityClass(priorityClass: PriorityClass, path: FieldPath): FieldErrors {
  const { metadata, value, preemptionPolicy: policy } = priorityClass
  const policyPath = path.child('preemptionPolicy')
  if (metadata.name.startsWith(SYSTEM_PREFIX)) yield* validateSystemClass(priorityClass, path)
  else if (value > MOST_USER_VALUE) {
    const why = `maximum allowed value of a user defined priority is ${MOST_USER_VALUE}`
    yield forbidden(path.child('value'), why)
  }
  if (policy === '') yield required(policyPath)
  else if (!POLICIES.includes(policy)) yield notSupported(policyPath, policy, POLICIES)
}

export function* validatePriorityClassUpdate(
  priorityClass: PriorityClass,
  old: PriorityClass,
  path: FieldPath,
): FieldErrors {
  if (priorityClass.value !== old.value) {
    yield forbidden(path.child('value'), 'may not be changed in an update.')
  }
  const policyPath = path.child('preemptionPolicy')
  yield* validateImmutable(priorityClass.preemptionPolicy, old.preemptionPolicy, policyPath)
}

/** Names of the system's are only for the classes that the system makes, just as they are. */
function* validateSystemClass(
  { metadata, value, globalDefault }: PriorityClass,
  path: FieldPath,
): FieldErrors {
  const { name } = metadata
  const wanted = SYSTEM_VALUES.get(name)
  let error: string
  if (wanted === undefined) error = `${name} is not a known system priority class`
  else if (wanted !== value) error = `value of ${name} PriorityClass must be ${wanted}`
  else if (globalDefault === true) error = `globalDefault of ${name} PriorityClass must be false`
  else return
  const why = `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only`
  yield forbidden(path.child('metadata', 'name'), `${why}. error: ${error}`)
}
