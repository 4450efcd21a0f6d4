import type { AdmissionAttributes } from './admission.ts'

interface Names {
  readonly group: string
  readonly plural: string
}

/** True for a write to objects of this kind themselves, not to a subresource. */
export function isMainResource({ kind, subresource }: AdmissionAttributes, names: Names): boolean {
  return subresource === '' && kind.group === names.group && kind.plural === names.plural
}

/** True for a write to this subresource of a kind. */
export function isSubresource(
  { kind, subresource }: AdmissionAttributes,
  names: Names,
  name: string,
): boolean {
  return subresource === name && kind.group === names.group && kind.plural === names.plural
}
