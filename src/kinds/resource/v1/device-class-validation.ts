import { deepEqual } from '../../../machinery/deep-equal.ts'
import { type FieldErrors, type FieldPath, invalid } from '../../../machinery/field-error.ts'
import { isExtendedResource } from '../../core/v1/resource-names.ts'
import { validateItems } from './collection-rules.ts'
import { MOST_CONFIGURATIONS, validateSelectors } from './device-claim-validation.ts'
import type { DeviceClass } from './device-class.ts'
import { validateConfiguration } from './device-rules.ts'

export function validateDeviceClass(deviceClass: DeviceClass, path: FieldPath): FieldErrors {
  return validateSpec(deviceClass, undefined, path.child('spec'))
}

/** What was accepted before is not judged by what has become stricter since. */
export function validateDeviceClassUpdate(
  deviceClass: DeviceClass,
  old: DeviceClass,
  path: FieldPath,
): FieldErrors {
  return validateSpec(deviceClass, old, path.child('spec'))
}

function* validateSpec(
  { spec }: DeviceClass,
  old: DeviceClass | undefined,
  path: FieldPath,
): FieldErrors {
  const { selectors = [], config = [], extendedResourceName: name } = spec
  const hasOldSelectors = old !== undefined && deepEqual(spec.selectors, old.spec.selectors)
  const hasOldConfig = old !== undefined && deepEqual(spec.config, old.spec.config)
  yield* validateSelectors(selectors, path.child('selectors'), hasOldSelectors)
  yield* validateItems(
    config,
    MOST_CONFIGURATIONS,
    ({ opaque }, at) => validateConfiguration(opaque, at, hasOldConfig),
    path.child('config'),
  )
  if (name === undefined || isExtendedResource(name)) return
  yield invalid(path.child('extendedResourceName'), name, 'must be a valid extended resource name')
}
