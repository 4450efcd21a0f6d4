import { formatTime } from '../../base/clock.ts'
import type { Kind, KubeObject } from '../../machinery/kind.ts'
import type { DeleteOptions } from '../../machinery/meta-options.ts'
import type { ObjectMeta } from '../../machinery/object-meta.ts'
import { conflict } from '../../machinery/status-error.ts'
import { withMetadata } from './strategy.ts'

/** What a request to delete comes to. */
export type DeletePlan =
  /** The object goes now; one whose kind knows grace is marked with the end of that first. */
  | { readonly type: 'delete'; readonly marked?: KubeObject }
  /** It stays, marked: somebody has to finish first (finalizers, a kubelet). */
  | { readonly type: 'mark'; readonly object: KubeObject }
  /** Its deletion is under way already; nothing changes. */
  | { readonly type: 'pending' }

const ORPHAN = 'orphan'
const FOREGROUND = 'foregroundDeletion'

/**
 * Decides what a deletion does to an object (rest.BeforeDelete and the finalizers of the garbage
 * collector). Throws 409 where a precondition fails. `now` is in milliseconds.
 */
export function planDelete(
  kind: Kind,
  object: KubeObject,
  options: DeleteOptions,
  now: number,
): DeletePlan {
  checkPreconditions(kind, object, options)
  const begun = kind.markForDeletion?.(object, now)
  if (begun !== undefined) return { type: 'mark', object: begun }
  const graceful = planGrace(kind, object, options, now)
  if (graceful === 'pending') return { type: 'pending' }
  const finalizers = finalizersFor(kind, object.metadata, options)
  if (graceful !== undefined) {
    const marked = withMetadata(object, { ...object.metadata, ...graceful, finalizers })
    const isOver = graceful.deletionGracePeriodSeconds === 0 && finalizers === undefined
    return isOver ? { type: 'delete', marked } : { type: 'mark', object: marked }
  }
  if (finalizers === undefined) return { type: 'delete' }
  const marked = withMetadata(object, { ...object.metadata, ...markNow(object, now), finalizers })
  return { type: 'mark', object: marked }
}

/**
 * 409 in upstream's words, which name the kind here rather than the resource, but for the two
 * resources that look at preconditions themselves.
 */
export function checkPreconditions(
  { group, kind, plural, markForDeletion }: Kind,
  { metadata }: KubeObject,
  { preconditions }: Pick<DeleteOptions, 'preconditions'>,
): void {
  const { uid, resourceVersion } = preconditions ?? {}
  const isNamespace = group === '' && plural === 'namespaces'
  const looksItself = markForDeletion !== undefined || isNamespace
  const named = { group, plural: looksItself ? plural : kind }
  if (uid !== undefined && uid !== metadata.uid) {
    const why = looksItself
      ? `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`
      : `the UID in the precondition (${uid}) does not match the UID in record ` +
        `(${metadata.uid}). The object might have been deleted and then recreated`
    throw conflict(named, metadata.name, why)
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const why = looksItself
      ? `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ` +
        `ResourceVersion in object meta: ${metadata.resourceVersion}`
      : `the ResourceVersion in the precondition (${resourceVersion}) does not match the ` +
        `ResourceVersion in record (${metadata.resourceVersion}). ` +
        'The object might have been modified'
    throw conflict(named, metadata.name, why)
  }
}

type Grace = Pick<ObjectMeta, 'deletionTimestamp' | 'deletionGracePeriodSeconds' | 'generation'>

/** The marks of a graceful deletion; undefined where the kind or the object knows no grace. */
function planGrace(
  kind: Kind,
  object: KubeObject,
  { gracePeriodSeconds: given }: DeleteOptions,
  now: number,
): Grace | 'pending' | undefined {
  if (kind.gracePeriodSeconds === undefined) return undefined
  const asked = given !== undefined && given < 0 ? 1 : given
  const { deletionTimestamp, deletionGracePeriodSeconds: left, generation } = object.metadata
  if (deletionTimestamp !== undefined) {
    if (left === undefined || left === 0) return undefined
    if (asked === undefined || asked >= left) return 'pending'
    // A grace period can only be made shorter, and never ends in the past.
    const end = Date.parse(deletionTimestamp) + (asked - left) * 1000
    const isPast = end < now
    return {
      deletionTimestamp: formatTime(isPast ? now : end),
      deletionGracePeriodSeconds: isPast && asked !== 0 ? 1 : asked,
    }
  }
  const period = kind.gracePeriodSeconds(object, asked)
  if (period === undefined) return undefined
  return {
    deletionTimestamp: formatTime(now + period * 1000),
    deletionGracePeriodSeconds: period,
    ...nextGeneration(generation),
  }
}

function markNow({ metadata }: KubeObject, now: number): Grace {
  const { deletionTimestamp, generation } = metadata
  const isLater = deletionTimestamp !== undefined && Date.parse(deletionTimestamp) > now
  const isFirst = deletionTimestamp === undefined
  return {
    deletionTimestamp: isFirst || isLater ? formatTime(now) : deletionTimestamp,
    deletionGracePeriodSeconds: 0,
    ...(isFirst && nextGeneration(generation)),
  }
}

/** The beginning of a deletion is a change of what is wanted. */
function nextGeneration(generation: number | undefined): Pick<ObjectMeta, 'generation'> {
  return generation === undefined || generation === 0 ? {} : { generation: generation + 1 }
}

/** Who must finish before the object goes; undefined where nobody must. */
function finalizersFor(
  kind: Kind,
  { finalizers = [] }: ObjectMeta,
  options: DeleteOptions,
): readonly string[] | undefined {
  const others = finalizers.filter((one) => one !== ORPHAN && one !== FOREGROUND)
  const policy = propagationOf(kind, finalizers, options)
  if (policy === 'Orphan') others.push(ORPHAN)
  if (policy === 'Foreground') others.push(FOREGROUND)
  if (others.length === 0) return undefined
  // Their order is kept where they are the same.
  return others.length === finalizers.length && others.every((one) => finalizers.includes(one))
    ? finalizers
    : others
}

function propagationOf(
  kind: Kind,
  finalizers: readonly string[],
  { orphanDependents, propagationPolicy }: DeleteOptions,
): string {
  if (kind.hasNoDependents === true) return 'Background'
  if (orphanDependents !== undefined) return orphanDependents ? 'Orphan' : 'Background'
  if (propagationPolicy !== undefined) return propagationPolicy
  const set = finalizers.find((one) => one === ORPHAN || one === FOREGROUND)
  if (set !== undefined) return set === ORPHAN ? 'Orphan' : 'Foreground'
  return kind.orphansDependentsByDefault === true ? 'Orphan' : 'Background'
}
