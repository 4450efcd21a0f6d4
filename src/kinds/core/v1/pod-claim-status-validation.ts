import {
  duplicate,
  type FieldErrors,
  type FieldPath,
  invalid,
  required,
} from '../../../machinery/field-error.ts'
import { subdomainNameErrors } from '../../../machinery/names.ts'
import { repeatedPlaces } from '../../../machinery/repeated-places.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import { validateDnsLabel } from './field-rules.ts'
import type { PodSpec } from './pod-spec.ts'
import type { PodExtendedResourceClaimStatus, PodResourceClaimStatus } from './pod-status.ts'

/** The claims that were made for a pod: each for an entry of its spec, and once. */
export function* validateClaimStatuses(
  statuses: readonly PodResourceClaimStatus[],
  { resourceClaims = [] }: PodSpec,
  path: FieldPath,
): FieldErrors {
  const known = new Set(resourceClaims.map(({ name }) => name))
  const repeated = repeatedPlaces(statuses.map(({ name }) => name))
  for (const [index, { name, resourceClaimName: claim }] of statuses.entries()) {
    const at = path.index(index)
    if (!known.has(name)) {
      const why = 'must match the name of an entry in `spec.resourceClaims`'
      yield invalid(at.child('name'), name, why)
    }
    if (repeated.has(index)) yield duplicate(at.child('name'), name)
    if (claim === undefined) continue
    yield* invalids(at.child('resourceClaimName'), claim, subdomainNameErrors(claim, false))
  }
}

/** The claim that was made for extended resources of a pod, and which request is for which. */
export function* validateExtendedClaimStatus(
  { requestMappings, resourceClaimName: claim }: PodExtendedResourceClaimStatus,
  { containers, initContainers = [] }: PodSpec,
  path: FieldPath,
): FieldErrors {
  const mappingsPath = path.child('requestMappings')
  if (requestMappings.length === 0) {
    yield required(mappingsPath, 'at least one request mapping is required')
  }
  const byName = new Map([...initContainers, ...containers].map((one) => [one.name, one]))
  const repeated = repeatedPlaces(
    requestMappings.map((mapping) =>
      JSON.stringify([mapping.containerName, mapping.resourceName, mapping.requestName]),
    ),
  )
  for (const [index, mapping] of requestMappings.entries()) {
    const { containerName, resourceName, requestName } = mapping
    const at = mappingsPath.index(index)
    const container = byName.get(containerName)
    if (container === undefined) {
      const why = 'must match the name of an entry in spec.initContainers.name or '
      yield invalid(at.child('containerName'), containerName, `${why}spec.containers.name`)
    } else if (!Object.hasOwn(container.resources?.requests ?? {}, resourceName)) {
      const why =
        'must match the extended resource name of an entry in ' +
        'spec.initContainers.resources.requests or spec.containers.resources.requests'
      yield invalid(at.child('resourceName'), resourceName, why)
    }
    yield* validateDnsLabel(requestName, path.child('requestName'))
    if (!repeated.has(index)) continue
    for (const field of ['containerName', 'resourceName', 'requestName'] as const) {
      yield duplicate(at.child(field), mapping[field])
    }
  }
  const claimPath = path.child('resourceClaimName')
  if (claim === '') yield required(claimPath)
  else yield* invalids(claimPath, claim, subdomainNameErrors(claim, false))
}
