import { CelObject, type CelValue } from './value.ts'

/** A value as JSON: what a patch or an applied object is made of. */
export function toJson(value: CelValue): unknown {
  return value instanceof CelObject ? value.toJson() : value
}
