import type { LifecycleHandler } from '../../../../kinds/core/v1/probe.ts'
import {
  type AnyContainer,
  type Check,
  containersNamed,
  containersOf,
  type PodParts,
  plural,
  quoted,
  sortedSet,
} from '../check.ts'

type Handler = Pick<LifecycleHandler, 'httpGet' | 'tcpSocket'>

function hostsOf(container: AnyContainer): readonly string[] {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container
  const handlers: readonly (Handler | undefined)[] = [
    livenessProbe,
    readinessProbe,
    startupProbe,
    lifecycle?.postStart,
    lifecycle?.preStop,
  ]
  return handlers
    .flatMap((one) => [one?.httpGet?.host ?? '', one?.tcpSocket?.host ?? ''])
    .filter((host) => host !== '')
}

function find(pod: PodParts) {
  const bad = containersOf(pod)
    .map((one) => ({ name: one.name, hosts: hostsOf(one) }))
    .filter(({ hosts }) => hosts.length > 0)
  if (bad.length === 0) return undefined
  const names = sortedSet(bad.map(({ name }) => name))
  const hosts = sortedSet(bad.flatMap((one) => one.hosts))
  const verb = names.length === 1 ? 'uses' : 'use'
  const what = plural('probe or lifecycle host', hosts.length)
  return {
    reason: 'probe or lifecycle host',
    detail: `${containersNamed(names)} ${verb} ${what} ${quoted(hosts)}`,
  }
}

/** Kubelets call pods, and nobody else on a pod's behalf. */
export const hostProbesAndHostLifecycle: Check = {
  id: 'hostProbesAndHostLifecycle',
  level: 'baseline',
  revisions: [{ since: 34, find }],
}
