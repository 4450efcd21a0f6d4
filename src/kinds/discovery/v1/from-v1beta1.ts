import type { KubeObject } from '../../../machinery/kind.ts'

const ZONE = 'topology.kubernetes.io/zone'
const HOSTNAME = 'kubernetes.io/hostname'

interface FormerEndpoint {
  readonly topology?: Readonly<Record<string, string>>
  readonly nodeName?: string
}

/** A slice of v1beta1 as v1 has it, where the zone and the node have fields of their own. */
export function endpointSliceFromV1beta1(stored: KubeObject): KubeObject {
  const { endpoints } = stored as KubeObject & { readonly endpoints?: readonly FormerEndpoint[] }
  if (!endpoints) return stored
  return { ...stored, endpoints: endpoints.map(endpointOf) } as KubeObject
}

function endpointOf({ topology, ...endpoint }: FormerEndpoint): object {
  if (!topology) return endpoint
  const { [ZONE]: zone, ...others } = topology
  const { [HOSTNAME]: hostname, ...rest } = others
  // One that is not the node's name stays where it was.
  const kept = hostname !== undefined && hostname === endpoint.nodeName ? rest : others
  return {
    ...endpoint,
    ...(zone !== undefined && { zone }),
    ...(Object.keys(kept).length > 0 && { deprecatedTopology: kept }),
  }
}
