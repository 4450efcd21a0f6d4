import { deepEqual } from '../../../machinery/deep-equal.ts'
import { FieldPath } from '../../../machinery/field-error.ts'
import { ipWarnings } from '../../core/v1/ip-warnings.ts'
import type { EndpointSlice } from './endpoint-slice.ts'

const HOST_NAME = 'kubernetes.io/hostname'

/**
 * The topology of the version before this one is not written any more: what it said about nodes
 * that the old slice had too moves to the field for it.
 */
export function withoutOldTopology(
  slice: EndpointSlice,
  old: EndpointSlice | undefined,
): EndpointSlice {
  const endpoints = slice.endpoints ?? []
  if (endpoints.every(({ deprecatedTopology }) => deprecatedTopology === undefined)) return slice
  if (old !== undefined && deepEqual(old.endpoints, slice.endpoints)) return slice
  const known = new Set((old?.endpoints ?? []).map((one) => one.deprecatedTopology?.[HOST_NAME]))
  return {
    ...slice,
    endpoints: endpoints.map(({ deprecatedTopology, ...endpoint }) => {
      const nodeName = deprecatedTopology?.[HOST_NAME]
      const isKnown = endpoint.nodeName === undefined && nodeName && known.has(nodeName)
      return isKnown ? { ...endpoint, nodeName } : endpoint
    }),
  }
}

/** What works in a new slice, but hardly as it was meant. */
export function* newSliceWarnings(slice: EndpointSlice): Iterable<string> {
  if (slice.addressType === 'FQDN') yield 'spec.addressType: FQDN endpoints are deprecated'
  yield* sliceWarnings(slice)
}

/** Addresses in a form that not every program reads. */
export function* sliceWarnings({ addressType, endpoints }: EndpointSlice): Iterable<string> {
  if (addressType === 'FQDN') return
  for (const [index, { addresses }] of (endpoints ?? []).entries()) {
    const path = FieldPath.root.child('endpoints').index(index).child('addresses')
    for (const [at, address] of addresses.entries()) yield* ipWarnings(address, path.index(at))
  }
}
