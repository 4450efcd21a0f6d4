import type { Deployment } from '../../kinds/apps/v1/deployment.ts'
import type { ReplicaSet } from '../../kinds/apps/v1/replica-set.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { maxSurge } from './fenceposts.ts'

export const REVISION = 'deployment.kubernetes.io/revision'
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history'
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas'
const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas'
export const ROLLBACK_TO = 'deprecated.deployment.rollback.to'
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

const MAX_HISTORY_CHARACTERS = 2000

type Annotations = Readonly<Record<string, string>>

/** What a deployment and its replica sets do not copy from each other. */
const OWN: ReadonlySet<string> = new Set([
  LAST_APPLIED,
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  ROLLBACK_TO,
])

/** 0 without a revision, undefined for one that is no number. It may have all 64 bits. */
export function revisionOf({ metadata }: KubeObject): bigint | undefined {
  return parseRevision(metadata.annotations?.[REVISION] ?? '0')
}

function parseRevision(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined
  const revision = BigInt(text.replace('+', ''))
  return BigInt.asIntN(64, revision) === revision ? revision : undefined
}

export function maxRevision(replicaSets: readonly ReplicaSet[]): bigint {
  return replicaSets.map((replicaSet) => revisionOf(replicaSet) ?? 0n).reduce(max, 0n)
}

const max = (a: bigint, b: bigint) => (a > b ? a : b)

/** The second highest revision: what a rollback without a number goes to. 0 when there is none. */
export function lastRevision(replicaSets: readonly ReplicaSet[]): bigint {
  const revisions = replicaSets.map((replicaSet) => revisionOf(replicaSet) ?? 0n)
  return revisions.toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0))[1] ?? 0n
}

/** How large the deployment was meant to be when the replica set was last scaled. */
export function desiredReplicas(replicaSet: ReplicaSet): number | undefined {
  return countAnnotation(replicaSet, DESIRED_REPLICAS)
}

/** How large it might have been then, with its surge. */
export function maxReplicas(replicaSet: ReplicaSet): number | undefined {
  return countAnnotation(replicaSet, MAX_REPLICAS)
}

function countAnnotation({ metadata }: ReplicaSet, name: string): number | undefined {
  const text = metadata.annotations?.[name] ?? ''
  if (!/^[0-9]+$/.test(text)) return undefined
  const count = Number(text)
  return count <= 2 ** 31 - 1 ? count : undefined
}

/** The annotations that let a later scaling find its proportions. */
export function replicasAnnotations(deployment: Deployment): Annotations {
  const { replicas } = deployment.spec
  return {
    [DESIRED_REPLICAS]: `${replicas}`,
    [MAX_REPLICAS]: `${replicas + maxSurge(deployment)}`,
  }
}

/** Whether an object has all these annotations with these values. */
export function hasAnnotations({ metadata }: KubeObject, wanted: Annotations): boolean {
  return Object.entries(wanted).every(([name, value]) => metadata.annotations?.[name] === value)
}

/**
 * The annotations of the newest replica set: the deployment's, and the new revision, which pushes
 * the one it had into its history. A revision that is no number is left alone.
 */
export function newReplicaSetAnnotations(
  deployment: Deployment,
  present: Annotations,
  revision: bigint,
): Annotations {
  const copied = { ...present, ...copiedFrom(deployment) }
  const old = present[REVISION]
  const oldRevision = parseRevision(old ?? '0')
  if (oldRevision === undefined || oldRevision >= revision) return copied
  return {
    ...copied,
    ...(old !== undefined && historyWith(present[REVISION_HISTORY], old)),
    [REVISION]: `${revision}`,
  }
}

/** A deployment's annotations after it was rolled back to a replica set. */
export function rolledBackAnnotations(deployment: Deployment, replicaSet: ReplicaSet): Annotations {
  const own = Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) =>
    OWN.has(name),
  )
  return { ...Object.fromEntries(own), ...copiedFrom(replicaSet) }
}

function copiedFrom({ metadata }: KubeObject): Annotations {
  const entries = Object.entries(metadata.annotations ?? {}).filter(([name]) => !OWN.has(name))
  return Object.fromEntries(entries)
}

/** The oldest revisions fall out when the list grows too long. */
function historyWith(history: string | undefined, old: string): Annotations {
  const revisions = history === undefined || history === '' ? [] : history.split(',')
  revisions.push(old)
  while (revisions.length > 1 && revisions.join(',').length > MAX_HISTORY_CHARACTERS) {
    revisions.shift()
  }
  return { [REVISION_HISTORY]: revisions.join(',') }
}

/** The revision that the deprecated rollback annotation asks for; 0 means the last one. */
export function rollbackTo({ metadata }: Deployment): bigint | undefined {
  return parseRevision(metadata.annotations?.[ROLLBACK_TO] ?? '')
}
