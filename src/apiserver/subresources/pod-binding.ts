import { formatTime } from '../../base/clock.ts'
import { Binding } from '../../kinds/core/v1/binding.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import type { Kind } from '../../machinery/kind.ts'
import { badRequest, conflict, notFound, StatusError } from '../../machinery/status-error.ts'
import type { ObjectStore } from '../registry/object-store.ts'
import type { ServerRequest } from '../request.ts'
import type { ServerResponse } from '../response.ts'
import type { SubresourceHandler, VerbContext, VirtualHandler } from '../verbs/dispatch.ts'
import { failedPrecondition } from '../verbs/failed-precondition.ts'
import { respondWithObject } from '../verbs/respond.ts'
import { notAllowed } from '../verbs/routes.ts'
import { attributesOf } from '../verbs/write-context.ts'
import { withPodCondition } from './pod-condition.ts'
import { readCreation } from './read-creation.ts'

/** What is answered where nothing was made that could be shown. */
export const CREATED = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  code: 201,
} as const

const PODS_BINDING = { group: '', plural: 'pods/binding' }

/** POST to `pods/NAME/binding`: puts a pod on a node, once. */
export const podBinding: SubresourceHandler = (request, _resource, context) => {
  if (request.info.verb !== 'create') throw notAllowed()
  return bind(request, context, request.info.name)
}

/** POST to `bindings`: the same, with the pod's name in the body alone; for any pod of that name. */
export const bindings: VirtualHandler = (request, _kind, context) => bind(request, context)

async function bind(
  request: ServerRequest,
  context: VerbContext,
  nameInUrl?: string,
): Promise<ServerResponse> {
  const pods = context.resources.of(Pod)
  const { object: given, isDryRun } = await readCreation(request, pods, Binding)
  const binding = nameInUrl === undefined ? withoutUid(given) : given
  const { name = '' } = binding.metadata
  if (nameInUrl !== undefined && name !== nameInUrl) {
    throw badRequest('name in URL does not match name in Binding object')
  }
  checkTarget(binding)
  if (name === '') throw badRequest('Name parameter required.')
  const attributes = {
    ...attributesOf(request, pods, 'CREATE', isDryRun),
    kind: Binding as unknown as Kind,
    subresource: 'binding',
    name,
    oldObject: undefined,
  }
  const object = (await context.admission.mutate({ ...attributes, object: binding })) as Binding
  await context.admission.validate({ ...attributes, object })
  const { namespace } = request.info
  await pods.store.change(
    namespace,
    name,
    (current) => {
      if (current === undefined) throw notFound(Pod, name)
      const pod = current.object as Pod
      checkPreconditions(pods.store, pod, object, isDryRun)
      return { type: 'put', object: assign(pod, object, context.clock.now()) }
    },
    isDryRun,
  )
  return respondWithObject(CREATED, 201)
}

/** Upstream answers these as a plain failure, since a Binding has no strategy. */
function checkTarget({ target }: Binding): void {
  const { kind = '', name = '' } = target
  if (kind !== '' && kind !== 'Node') {
    const what = `target.kind: Unsupported value: ${JSON.stringify(kind)}`
    throw new StatusError('', `${what}: supported values: "Node", "<empty>"`)
  }
  if (name === '') throw new StatusError('', 'target.name: Required value')
}

/** What is created anew can have no uid: upstream drops it before anybody looks. */
function withoutUid(binding: Binding): Binding {
  const { uid: _, ...metadata } = binding.metadata
  return { ...binding, metadata } as Binding
}

function checkPreconditions(
  store: ObjectStore,
  pod: Pod,
  { metadata }: Binding,
  isDryRun: boolean,
): void {
  const { uid, resourceVersion } = pod.metadata
  const wanted = [
    { what: 'UID', wanted: metadata.uid ?? '', actual: uid },
    { what: 'ResourceVersion', wanted: metadata.resourceVersion ?? '', actual: resourceVersion },
  ] as const
  const failed = wanted.find((one) => one.wanted !== '' && one.wanted !== one.actual)
  if (failed === undefined) return
  throw failedPrecondition(store, store.kind, pod.metadata, isDryRun, failed)
}

function assign(pod: Pod, { metadata, target }: Binding, now: number): Pod {
  const { annotations, labels } = metadata
  const { name, deletionTimestamp } = pod.metadata
  const refuse = (why: string) => conflict(PODS_BINDING, name, why)
  if (deletionTimestamp !== undefined) {
    throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`)
  }
  const { nodeName = '', schedulingGates = [] } = pod.spec
  if (nodeName !== '') {
    throw refuse(`pod ${name} is already assigned to node ${JSON.stringify(nodeName)}`)
  }
  if (schedulingGates.length > 0) throw refuse(`pod ${name} has non-empty .spec.schedulingGates`)
  const scheduled = { type: 'PodScheduled', status: 'True' as const }
  const { nominatedNodeName: _, ...status } = withPodCondition(
    pod.status,
    scheduled,
    formatTime(now),
  )
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      ...(annotations !== undefined && {
        annotations: { ...pod.metadata.annotations, ...annotations },
      }),
      ...(labels !== undefined && { labels: { ...pod.metadata.labels, ...labels } }),
    },
    spec: { ...pod.spec, nodeName: target.name ?? '' },
    status,
  }
}
