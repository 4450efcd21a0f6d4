import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { Container } from '../pod-types.ts'
import type { KillReason } from './pod-actions.ts'

/** Less than this is given to no container: SIGKILL at once loses what a moment would save. */
export const SHORTEST_GRACE_SECONDS = 2

/** A pod has this long even when it is to end at once. */
export const SHORTEST_POD_GRACE_SECONDS = 1

/** How long a container may take to end: the deletion's time, its probe's, or its pod's. */
export function containerGraceSeconds(
  pod: Pod,
  container: Container | undefined,
  reason: KillReason,
): number {
  const { deletionGracePeriodSeconds } = pod.metadata
  if (deletionGracePeriodSeconds !== undefined) return deletionGracePeriodSeconds
  const ofProbe =
    reason === 'startupProbe'
      ? container?.startupProbe?.terminationGracePeriodSeconds
      : reason === 'livenessProbe'
        ? container?.livenessProbe?.terminationGracePeriodSeconds
        : undefined
  return ofProbe ?? pod.spec.terminationGracePeriodSeconds
}

/**
 * How long a whole pod may take to end. It only ever shrinks: a second deletion can make it
 * shorter, never longer.
 */
export function podGraceSeconds(pod: Pod, sofar: number | undefined): number {
  const { deletionGracePeriodSeconds } = pod.metadata
  const asked = deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds
  return Math.max(SHORTEST_POD_GRACE_SECONDS, Math.min(asked, sofar ?? asked))
}
