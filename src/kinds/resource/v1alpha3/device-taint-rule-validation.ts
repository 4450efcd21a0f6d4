import { type FieldErrors, type FieldPath, tooMany } from '../../../machinery/field-error.ts'
import { validateDnsLabel } from '../../core/v1/field-rules.ts'
import { validateMetaConditions } from '../../meta-conditions-validation.ts'
import { validateDriverName } from '../../storage/v1/csi-driver-name.ts'
import { validateDeviceTaint, validatePoolName } from '../v1/device-rules.ts'
import type { DeviceTaintRule } from './device-taint-rule.ts'

const MOST_CONDITIONS = 8

export function validateDeviceTaintRule(rule: DeviceTaintRule, path: FieldPath): FieldErrors {
  return validateSpec(rule, undefined, path.child('spec'))
}

export function validateDeviceTaintRuleUpdate(
  rule: DeviceTaintRule,
  old: DeviceTaintRule,
  path: FieldPath,
): FieldErrors {
  return validateSpec(rule, old, path.child('spec'))
}

export function* validateDeviceTaintRuleStatusUpdate(
  { status }: DeviceTaintRule,
  _old: DeviceTaintRule,
  path: FieldPath,
): FieldErrors {
  const conditionsPath = path.child('status', 'conditions')
  const { conditions = [] } = status
  yield* validateMetaConditions(conditions, conditionsPath)
  const { length } = conditions
  if (length > MOST_CONDITIONS) yield tooMany(conditionsPath, length, MOST_CONDITIONS)
}

function* validateSpec(
  { spec }: DeviceTaintRule,
  old: DeviceTaintRule | undefined,
  path: FieldPath,
): FieldErrors {
  const { driver, pool, device } = spec.deviceSelector ?? {}
  const selectorPath = path.child('deviceSelector')
  if (driver !== undefined) yield* validateDriverName(driver, selectorPath.child('driver'))
  if (pool !== undefined) yield* validatePoolName(pool, selectorPath.child('pool'))
  if (device !== undefined) yield* validateDnsLabel(device, selectorPath.child('device'))
  yield* validateDeviceTaint(spec.taint, old?.spec.taint, path.child('taint'))
}
