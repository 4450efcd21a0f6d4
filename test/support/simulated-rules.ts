import type { Kind, KubeObject } from '../../src/machinery/kind.ts'

/** An object of whatever kind, with the fields that the rules of deletion and binding look at. */
export type Loose = KubeObject & {
  readonly spec?: { readonly nodeName?: string; readonly finalizers?: readonly string[] }
  readonly status?: object
}

/** A pod is put on a node once, if it is the one that is meant and not on its way out. */
export function whyNotBound(
  { metadata, spec }: Loose,
  uid: string | undefined,
): string | undefined {
  if (uid && uid !== metadata.uid) return `Precondition failed: UID in precondition: ${uid}`
  if (metadata.deletionTimestamp !== undefined) return 'the pod is being deleted'
  if (spec?.nodeName) return `pod is already assigned to node "${spec.nodeName}"`
  return undefined
}

/** Something still keeps an object that is being deleted. */
export function isHeld({ kind, metadata, spec }: Loose): boolean {
  if (kind === 'Namespace' && (spec?.finalizers ?? []).length > 0) return true
  if ((metadata.finalizers ?? []).length > 0) return true
  return (metadata.deletionGracePeriodSeconds ?? 0) > 0
}

/** Seconds that an object still has once it is deleted. */
export function gracePeriodOf(
  kind: Kind,
  { spec, metadata }: Loose,
  asked: number | undefined,
): number {
  if (kind.kind !== 'Pod' || spec?.nodeName === undefined || spec.nodeName === '') return 0
  const wanted = asked ?? 30
  return Math.min(wanted, metadata.deletionGracePeriodSeconds ?? wanted)
}

/** With those that stand for what is to become of its dependents. */
export function finalizersFor(
  now: readonly string[],
  policy: string | undefined,
): readonly string[] {
  const others = now.filter((name) => name !== 'orphan' && name !== 'foregroundDeletion')
  if (policy === 'Foreground') return [...others, 'foregroundDeletion']
  if (policy === 'Orphan') return [...others, 'orphan']
  return policy === undefined ? now : others
}
