import { deepEqual } from '../../../machinery/deep-equal.ts'
import {
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  tooLong,
} from '../../../machinery/field-error.ts'
import { configMapKeyErrors } from '../../../machinery/names.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import type { ConfigMap } from './config-map.ts'

/** One mebibyte, for ConfigMaps and Secrets alike. */
export const MOST_DATA_BYTES = 1024 * 1024
export const IMMUTABLE = 'field is immutable when `immutable` is set'

export function* validateConfigMap(configMap: ConfigMap, path: FieldPath): FieldErrors {
  const { data = {}, binaryData = {} } = configMap
  let bytes = 0
  // There may be thousands, and nothing is wrong with most: paths are made for those alone.
  for (const key of Object.keys(data)) {
    const reasons = configMapKeyErrors(key)
    if (reasons.length > 0) yield* invalids(path.child('data').key(key), key, reasons)
    if (Object.hasOwn(binaryData, key)) {
      yield invalid(path.child('data').key(key), key, 'duplicate of key present in binaryData')
    }
    bytes += Buffer.byteLength(data[key] ?? '')
  }
  for (const key of Object.keys(binaryData)) {
    const reasons = configMapKeyErrors(key)
    if (reasons.length > 0) yield* invalids(path.child('binaryData').key(key), key, reasons)
    bytes += bytesOfBase64(binaryData[key] ?? '')
  }
  if (bytes > MOST_DATA_BYTES) yield tooLong(path.child(''), MOST_DATA_BYTES)
}

export function* validateConfigMapUpdate(
  configMap: ConfigMap,
  old: ConfigMap,
  path: FieldPath,
): FieldErrors {
  if (old.immutable === true) {
    if (configMap.immutable !== true) yield forbidden(path.child('immutable'), IMMUTABLE)
    for (const field of ['data', 'binaryData'] as const) {
      if (!deepEqual(configMap[field], old[field])) yield forbidden(path.child(field), IMMUTABLE)
    }
  }
  yield* validateConfigMap(configMap, path)
}

/** How many bytes canonical base64 text stands for. */
export function bytesOfBase64(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  return (text.length / 4) * 3 - padding
}
