import { Node } from '../../kinds/core/v1/node.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { badRequest } from '../../machinery/status-error.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import type { ServerRequest } from '../request.ts'
import type { VerbContext } from '../verbs/dispatch.ts'

/** The pod that a request is about, as of now. */
export async function findPod({ info }: ServerRequest, { store }: ServedResource): Promise<Pod> {
  return (await store.get(info.namespace, info.name)).object as Pod
}

/** The node that a pod runs on. Throws where it was given none yet. */
export async function findNodeOf(pod: Pod, { resources }: VerbContext): Promise<Node> {
  const name = pod.spec.nodeName ?? ''
  if (name === '') throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`)
  return (await resources.store(Node).get('', name)).object as Node
}

/** The container that is meant: the one that is named, or the only one. Throws 400 otherwise. */
export function containerOf({ metadata, spec }: Pod, wanted: string): string {
  const { containers, initContainers = [], ephemeralContainers = [] } = spec
  const all = [...initContainers, ...containers, ...ephemeralContainers].map(({ name }) => name)
  if (wanted !== '') {
    if (all.includes(wanted)) return wanted
    throw badRequest(`container ${wanted} is not valid for pod ${metadata.name}`)
  }
  const [only] = containers
  if (containers.length === 1 && only !== undefined) return only.name
  const choice = containers.length === 0 ? '' : `, choose one of: [${all.join(' ')}]`
  throw badRequest(`a container name must be specified for pod ${metadata.name}${choice}`)
}

/** A flag of the query as upstream reads it: there, and neither false nor 0. */
export function isSet(query: URLSearchParams, name: string): boolean {
  const value = query.get(name)
  return value !== null && value !== '0' && value.toLowerCase() !== 'false'
}
