import { type Clock, formatTime } from '../../src/base/clock.ts'
import { type Random, randomSuffix, uuid } from '../../src/base/random.ts'
import type { WatchEvent } from '../../src/client/client.ts'
import type { Transport, TransportRequest } from '../../src/client/transport.ts'
import type { DaemonSet } from '../../src/kinds/apps/v1/daemon-set.ts'
import {
  prepareDaemonSetForCreate,
  prepareDaemonSetForUpdate,
} from '../../src/kinds/apps/v1/daemon-set-strategy.ts'
import { builtInKinds } from '../../src/kinds/index.ts'
import { applyDefaults } from '../../src/machinery/apply-defaults.ts'
import { discoveryOf } from '../../src/machinery/discovery.ts'
import type { Kind, KubeObject } from '../../src/machinery/kind.ts'
import { parseLabelSelector } from '../../src/machinery/label-selector.ts'
import type { ObjectMeta } from '../../src/machinery/object-meta.ts'
import {
  alreadyExists,
  conflict,
  forbiddenError,
  notFound,
  StatusError,
} from '../../src/machinery/status-error.ts'
import { applySimplePatch } from './simple-patch.ts'
import { finalizersFor, gracePeriodOf, isHeld, type Loose, whyNotBound } from './simulated-rules.ts'
import { EventStream, SimulatedStore } from './simulated-store.ts'

/** One request's target. */
interface Target {
  readonly kind: Kind
  readonly resource: string
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly subresource: string | undefined
}

interface DeleteBody {
  readonly gracePeriodSeconds?: number
  readonly propagationPolicy?: string
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
}

/**
 * The contract of an API server over objects in memory, without admission and authorization: what
 * controllers rely on (versions, conflicts, generations, finalizers, grace, propagation, watches).
 */
export class SimulatedApi implements Transport {
  readonly store = new SimulatedStore()
  readonly #clock: Clock
  readonly #random: Random
  readonly #kinds = new Map<string, Kind>()

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
    for (const kind of builtInKinds) this.addKind(kind)
  }

  addKind(kind: Kind): void {
    this.#kinds.set(`${kind.apiVersion}/${kind.plural}`, kind)
  }

  removeKind(kind: Kind): void {
    this.#kinds.delete(`${kind.apiVersion}/${kind.plural}`)
  }

  /** All objects of a kind, as a checker may look at them: no time passes. */
  list<T extends KubeObject>(kind: { readonly group: string; readonly plural: string; object: T }) {
    return this.store.list(`${kind.group}/${kind.plural}`) as readonly T[]
  }

  async request(request: TransportRequest): Promise<unknown> {
    if (/^\/(apis|api\/v1|apis\/[^/]+\/[^/]+)$/.test(request.path))
      return this.#discovery(request.path)
    const target = this.#target(request.path)
    switch (request.method) {
      case 'GET':
        return target.name === undefined ? this.#list(target, request.query) : this.#get(target)
      case 'POST':
        return this.#create(target, request.body as Loose)
      case 'PUT':
        return this.#update(target, request.body as Loose)
      case 'PATCH':
        return this.#patch(target, request)
      case 'DELETE':
        return this.#delete(target, request)
    }
  }

  watch({ path, query = {}, signal }: TransportRequest): AsyncIterable<WatchEvent> {
    const target = this.#target(path)
    const matches = this.#filter(target, query)
    const stream = new EventStream()
    const send = (type: WatchEvent['type'], object: KubeObject) => stream.push({ type, object })
    const follow = (commit: ReturnType<SimulatedStore['since']>[number]) => {
      if (commit.resource !== target.resource) return
      const { type, object, old } = commit
      const did = old !== undefined && matches(old)
      const does = type !== 'DELETED' && matches(object)
      if (does) send(did ? 'MODIFIED' : 'ADDED', object)
      else if (did) send('DELETED', { ...old, metadata: { ...old.metadata, ...version(object) } })
    }
    try {
      if (query['resourceVersion'] === undefined || query['resourceVersion'] === '0') {
        for (const object of this.store.list(target.resource)) {
          if (matches(object)) send('ADDED', object)
        }
      } else for (const commit of this.store.since(Number(query['resourceVersion']))) follow(commit)
    } catch (error) {
      stream.end(error)
      return stream
    }
    const listening = this.store.onCommit(follow)
    const end = () => stream.end()
    stream.onEnd = () => {
      listening[Symbol.dispose]()
      signal?.removeEventListener('abort', end)
    }
    if (signal?.aborted) end()
    else signal?.addEventListener('abort', end, { once: true })
    return stream
  }

  /** A change that no request makes, such as a kubelet's: `undefined` removes the object. */
  change<T extends KubeObject>(
    kind: { readonly group: string; readonly plural: string; object: T },
    object: T,
    next: T | undefined,
  ): void {
    const resource = `${kind.group}/${kind.plural}`
    const type = next === undefined ? 'DELETED' : 'MODIFIED'
    this.store.commit(type, resource, storeKey(object.metadata), next ?? object)
  }

  #target(path: string): Target {
    const parts = path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent)
    const apiVersion = parts[0] === 'api' ? (parts[1] ?? '') : `${parts[1]}/${parts[2]}`
    let rest = parts.slice(parts[0] === 'api' ? 2 : 3)
    let namespace: string | undefined
    const isInNamespace = rest[0] === 'namespaces' && rest.length > 2
    if (isInNamespace && rest[2] !== 'status' && rest[2] !== 'finalize') {
      namespace = rest[1]
      rest = rest.slice(2)
    }
    const [plural = '', name, subresource] = rest
    const kind = this.#kinds.get(`${apiVersion}/${plural}`)
    if (kind === undefined) {
      throw new StatusError('NotFound', 'the server could not find the requested resource')
    }
    return { kind, resource: `${kind.group}/${plural}`, namespace, name, subresource }
  }

  #discovery(path: string): unknown {
    const { groups, resources } = discoveryOf([...this.#kinds.values()])
    return path === '/apis' ? groups : resources.get(path.split('/').slice(2).join('/'))
  }

  #get(target: Target): KubeObject {
    const object = this.store.get(target.resource, targetKey(target))
    if (object === undefined) throw notFound(target.kind, target.name ?? '')
    return object
  }

  #list(target: Target, query: Readonly<Record<string, string>> = {}): unknown {
    const { kind, resource } = target
    return {
      apiVersion: kind.apiVersion,
      kind: kind.listKind,
      metadata: { resourceVersion: `${this.store.revision}` },
      items: this.store.list(resource).filter(this.#filter(target, query)),
    }
  }

  #filter(
    { namespace }: Target,
    query: Readonly<Record<string, string>>,
  ): (object: KubeObject) => boolean {
    const labels = parseLabelSelector(query['labelSelector'] ?? '')
    const fields = (query['fieldSelector'] ?? '').split(',').filter((part) => part !== '')
    return (object) =>
      (namespace === undefined || object.metadata.namespace === namespace) &&
      labels.matches(object.metadata.labels) &&
      fields.every((requirement) => hasField(object, requirement))
  }

  #create(target: Target, draft: Loose): unknown {
    const { kind, resource, namespace } = target
    if (target.subresource !== undefined) return this.#createSubresource(target, draft)
    if (namespace !== undefined) this.#checkNamespace(kind, namespace, draft)
    const { generateName, ...given } = draft.metadata ?? {}
    const name = given.name ?? `${generateName}${randomSuffix(this.#random)}`
    const metadata = {
      ...given,
      ...(generateName !== undefined && { generateName }),
      name,
      ...(namespace !== undefined && { namespace }),
      uid: uuid(this.#random),
      creationTimestamp: formatTime(this.#clock.now()),
      ...(kind.schema.fields['spec'] !== undefined && { generation: 1 }),
    }
    const filled = this.#withDefaults(kind, { ...draft, metadata } as unknown as Loose)
    const object = countsTemplates(kind)
      ? (prepareDaemonSetForCreate(filled as unknown as DaemonSet) as unknown as Loose)
      : filled
    const key = storeKey(object.metadata)
    if (this.store.get(resource, key) !== undefined) throw alreadyExists(kind, name)
    return this.store.commit('ADDED', resource, key, object)
  }

  #createSubresource(target: Target, body: Loose): unknown {
    const object = this.#get({ ...target, subresource: undefined }) as Loose
    if (target.subresource === 'binding') {
      const nodeName = (body as unknown as { target: { name: string } }).target.name
      const why = whyNotBound(object, body.metadata.uid)
      if (why !== undefined) throw conflict(target.kind, object.metadata.name, why)
      this.#write(target, { ...object, spec: { ...object.spec, nodeName } } as Loose)
      return body
    }
    if (target.subresource === 'token') {
      const audiences = (body.spec as { audiences?: readonly string[] } | undefined)?.audiences
      return { ...body, status: { token: `token-${target.name}-${audiences?.join()}` } }
    }
    throw notFound(target.kind, target.subresource ?? '')
  }

  #checkNamespace(kind: Kind, name: string, draft: Loose): void {
    const namespace = this.store.get('/namespaces', name)
    if (namespace?.metadata.deletionTimestamp === undefined) return
    const why = `unable to create new content in namespace ${name} because it is being terminated`
    const { details } = forbiddenError(kind, draft.metadata?.name ?? '', why)
    const causes = [{ reason: 'NamespaceTerminating', message: why, field: 'metadata.namespace' }]
    throw new StatusError('Forbidden', why, { details: { ...details, causes } })
  }

  #withDefaults(kind: Kind, draft: Loose): Loose {
    const named = { ...draft, apiVersion: kind.apiVersion, kind: kind.kind } as Loose
    const filled = applyDefaults(kind.schema, named)
    const set = (kind.setDefaults?.(filled) ?? filled) as Loose
    if (kind.kind === 'Pod') return { ...set, status: { phase: 'Pending', ...set.status } }
    if (kind.kind !== 'Namespace') return set
    return { ...set, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } } as Loose
  }

  #update(target: Target, body: Loose): KubeObject {
    const old = this.#get(target) as Loose
    const { resourceVersion, uid } = body.metadata
    const isStale = resourceVersion && resourceVersion !== old.metadata.resourceVersion
    if (isStale || (uid && uid !== old.metadata.uid)) {
      const why =
        'the object has been modified; please apply your changes to the latest version and try again'
      throw conflict(target.kind, old.metadata.name, why)
    }
    return this.#write(target, body)
  }

  /** Writes what the subresource allows, raises the generation, finishes a deletion. */
  #write({ kind, resource, subresource }: Target, body: Loose): KubeObject {
    const key = storeKey(body.metadata)
    const old = this.store.get(resource, key) as Loose
    const isStatus = subresource === 'status'
    const next: Loose = isStatus
      ? { ...old, ...(body.status !== undefined && { status: body.status }) }
      : { ...body, ...(old.status !== undefined && { status: old.status }) }
    const hasNewSpec = JSON.stringify(next.spec) !== JSON.stringify(old.spec)
    const generation = hasNewSpec ? (old.metadata.generation ?? 0) + 1 : old.metadata.generation
    const { creationTimestamp, deletionTimestamp, uid } = old.metadata
    const metadata = {
      ...(isStatus ? old.metadata : body.metadata),
      creationTimestamp,
      uid,
      ...(deletionTimestamp !== undefined && { deletionTimestamp }),
      ...(generation !== undefined && { generation }),
    } as ObjectMeta
    const filled = this.#withDefaultsOnUpdate(kind, { ...next, metadata })
    const object = countsTemplates(kind)
      ? (prepareDaemonSetForUpdate(
          filled as unknown as DaemonSet,
          old as unknown as DaemonSet,
        ) as unknown as Loose)
      : filled
    if (JSON.stringify(object) === JSON.stringify(old)) return old
    const isGone = deletionTimestamp !== undefined && !isHeld(object)
    return this.store.commit(isGone ? 'DELETED' : 'MODIFIED', resource, key, object)
  }

  #withDefaultsOnUpdate(kind: Kind, object: Loose): Loose {
    const filled = applyDefaults(kind.schema, object)
    return (kind.setDefaults?.(filled) ?? filled) as Loose
  }

  #patch(target: Target, { body, contentType }: TransportRequest): KubeObject {
    const old = this.#get(target) as Loose
    const next = applySimplePatch(target.kind.schema, old, body, contentType ?? '') as Loose
    if (next.metadata.uid !== old.metadata.uid) {
      throw conflict(target.kind, old.metadata.name, 'the UID in the precondition does not match')
    }
    return this.#update(target, next)
  }

  #delete(target: Target, { body, query = {} }: TransportRequest): unknown {
    if (target.name !== undefined) {
      this.#deleteOne(target, this.#get(target) as Loose, (body ?? {}) as DeleteBody)
      return { kind: 'Status', apiVersion: 'v1', status: 'Success' }
    }
    const chosen = this.store.list(target.resource).filter(this.#filter(target, query))
    for (const object of chosen) {
      this.#deleteOne(target, object as Loose, (body ?? {}) as DeleteBody)
    }
    return { items: chosen }
  }

  #deleteOne(target: Target, object: Loose, body: DeleteBody): void {
    const { metadata } = object
    const { uid, resourceVersion } = body.preconditions ?? {}
    if (uid !== undefined && uid !== metadata.uid) {
      const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`
      throw conflict(target.kind, metadata.name, why)
    }
    if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
      throw conflict(target.kind, metadata.name, 'Precondition failed: ResourceVersion')
    }
    const finalizers = finalizersFor(metadata.finalizers ?? [], body.propagationPolicy)
    const grace = gracePeriodOf(target.kind, object, body.gracePeriodSeconds)
    const isHeldBack = finalizers.length > 0 || grace > 0 || isHeld(object)
    const key = storeKey(metadata)
    if (!isHeldBack) {
      this.store.commit('DELETED', target.resource, key, object)
      return
    }
    const next = {
      ...object,
      metadata: {
        ...metadata,
        ...(finalizers.length > 0 && { finalizers }),
        deletionTimestamp: metadata.deletionTimestamp ?? formatTime(this.#clock.now()),
        deletionGracePeriodSeconds: grace,
      },
      ...(target.kind.kind === 'Namespace' && {
        status: { ...object.status, phase: 'Terminating' },
      }),
    }
    if (JSON.stringify(next) === JSON.stringify(object)) return
    this.store.commit('MODIFIED', target.resource, key, next)
  }
}

function version({ metadata }: KubeObject): { readonly resourceVersion: string } {
  return { resourceVersion: metadata.resourceVersion }
}

function storeKey({ namespace, name }: ObjectMeta): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}

function targetKey({ namespace, name = '' }: Target): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}

function hasField(object: KubeObject, requirement: string): boolean {
  const [path = '', wanted = ''] = requirement.split(/!=|==|=/)
  let value: unknown = object
  for (const part of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[part]
  return (String(value ?? '') === wanted) !== requirement.includes('!=')
}

/** DaemonSets have a number for each template, by which their controller knows its pods. */
function countsTemplates(kind: Kind): boolean {
  return kind.kind === 'DaemonSet'
}
