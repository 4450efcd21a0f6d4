import type { Container, EphemeralContainer } from '../../../kinds/core/v1/container.ts'
import type { PodSpec } from '../../../kinds/core/v1/pod-spec.ts'

/** What is judged: a pod, or the template of pods to come. */
export interface PodParts {
  readonly annotations: { readonly [key: string]: string }
  readonly spec: PodSpec
}

/** Why a pod is not allowed: `reason` says what, `detail` says where. */
export interface Violation {
  readonly reason: string
  readonly detail: string
}

/** A rule as it stands from one version of the standards on. */
export interface Revision {
  /** The minor version that brought it. */
  readonly since: number
  /** Ids of baseline checks that this restricted one includes. */
  readonly overrides?: readonly string[]
  find(pod: PodParts): Violation | undefined
}

/** One rule of the Pod Security Standards. A restricted pod keeps the baseline rules too. */
export interface Check {
  /** Upstream's; violations are reported in its order. */
  readonly id: string
  readonly level: 'baseline' | 'restricted'
  /** Oldest first. */
  readonly revisions: readonly Revision[]
}

/** A container of any sort. */
export type AnyContainer = Container | EphemeralContainer

/** All containers: the order in which messages name them. */
export function containersOf({ spec }: PodParts): readonly AnyContainer[] {
  const { initContainers = [], containers, ephemeralContainers = [] } = spec
  return [...initContainers, ...containers, ...ephemeralContainers]
}

/** The names of the containers for which the test is true. */
export function namesWhere(pod: PodParts, isBad: (one: AnyContainer) => boolean): string[] {
  return containersOf(pod)
    .filter(isBad)
    .map(({ name }) => name)
}

/** `"a", "b"`. */
export function quoted(items: Iterable<string>): string {
  return [...items].map((one) => `"${one}"`).join(', ')
}

/** Each once, in order. */
export function sortedSet(items: Iterable<string>): string[] {
  return [...new Set(items)].sort()
}

/** `container "a"`, `containers "a", "b"`. */
export function containersNamed(names: readonly string[]): string {
  return `${plural('container', names.length)} ${quoted(names)}`
}

/** The word for so many things. */
export function plural(singular: string, count: number): string {
  return count === 1 ? singular : `${singular}s`
}

/** Who set a value: `pod and container "a"`. */
export function settersOf(isPod: boolean, containers: readonly string[]): string {
  const setters = isPod ? ['pod'] : []
  if (containers.length > 0) setters.push(containersNamed(containers))
  return setters.join(' and ')
}

/** Whether the pod says that it is for Windows, where some rules mean nothing. */
export function isWindows({ spec }: PodParts): boolean {
  return spec.os?.name === 'windows'
}

/** In a user namespace root of the pod is nobody on the node, which makes some rules needless. */
export function hasUserNamespace({ spec }: PodParts): boolean {
  return spec.hostUsers === false
}
