import { isAbsentStruct } from '../../../machinery/decode-node.ts'
import { type FieldErrors, type FieldPath, required } from '../../../machinery/field-error.ts'
import { canonicalIpErrors } from '../../../machinery/ip-address.ts'
import { dns1123SubdomainErrors, pathSegmentErrors } from '../../../machinery/names.ts'
import { invalids, validateImmutable } from '../../../machinery/validate-object-meta.ts'
import type { IPAddress } from './ip-address.ts'

/** The name is the address itself, in its canonical spelling. */
export function addressNameErrors(name: string): readonly string[] {
  return canonicalIpErrors(name)
}

/** An address belongs to somebody. */
export function* validateIpAddress({ spec }: IPAddress, path: FieldPath): FieldErrors {
  const { parentRef } = spec
  const parentPath = path.child('spec', 'parentRef')
  if (isAbsentStruct(parentRef)) {
    yield required(parentPath)
    return
  }
  const { group = '', namespace = '' } = parentRef
  if (group !== '') yield* invalids(parentPath.child('group'), group, dns1123SubdomainErrors(group))
  for (const field of ['resource', 'name'] as const) {
    const { [field]: value = '' } = parentRef
    if (value === '') yield required(parentPath.child(field))
    else yield* invalids(parentPath.child(field), value, pathSegmentErrors(value, false))
  }
  if (namespace === '') return
  yield* invalids(parentPath.child('namespace'), namespace, pathSegmentErrors(namespace, false))
}

/** An address is given back by deleting it, never by giving it to somebody else. */
export function* validateIpAddressUpdate(
  address: IPAddress,
  old: IPAddress,
  path: FieldPath,
): FieldErrors {
  yield* validateIpAddress(address, path)
  const parentPath = path.child('spec', 'parentRef')
  yield* validateImmutable(address.spec.parentRef, old.spec.parentRef, parentPath)
}
