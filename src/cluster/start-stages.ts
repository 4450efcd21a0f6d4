import type { HealthCheck, HealthPath } from '../apiserver/endpoints/health-endpoints.ts'
import { stateCheck } from './health-checks.ts'

/**
 * The parts of a start, in their order: caches follow the store; the objects that every cluster has
 * are written; what goes on as long as the server does has begun.
 */
export type StartStage = 'caches' | 'objects' | 'services'

const ALWAYS: readonly HealthPath[] = ['healthz', 'livez', 'readyz']

/** By which checks upstream is asked for what is done in these stages here, in upstream's order. */
const HOOKS: readonly (readonly [name: string, stage: StartStage])[] = [
  ['start-apiserver-admission-initializer', 'caches'],
  ['generic-apiserver-start-informers', 'caches'],
  ['priority-and-fairness-config-consumer', 'caches'],
  ['priority-and-fairness-filter', 'caches'],
  ['storage-object-count-tracker-hook', 'caches'],
  ['start-apiextensions-informers', 'caches'],
  ['start-apiextensions-controllers', 'caches'],
  ['crd-informer-synced', 'caches'],
  ['start-system-namespaces-controller', 'objects'],
  ['start-cluster-authentication-info-controller', 'objects'],
  ['start-kube-apiserver-identity-lease-controller', 'services'],
  ['start-kube-apiserver-identity-lease-garbage-collector', 'services'],
  ['storage-readiness', 'caches'],
  ['start-legacy-token-tracking-controller', 'objects'],
  ['start-service-ip-repair-controllers', 'objects'],
  ['rbac/bootstrap-roles', 'objects'],
  ['scheduling/bootstrap-system-priority-classes', 'objects'],
  ['priority-and-fairness-config-producer', 'objects'],
  ['bootstrap-controller', 'objects'],
  ['start-kubernetes-service-cidr-controller', 'objects'],
  ['start-kube-aggregator-informers', 'caches'],
  ['apiservice-status-local-available-controller', 'services'],
  ['apiservice-status-remote-available-controller', 'services'],
  ['apiservice-registration-controller', 'services'],
  ['apiservice-wait-for-first-sync', 'caches'],
  ['apiservice-discovery-controller', 'services'],
  ['kube-apiserver-autoregistration', 'services'],
  ['apiservice-openapi-controller', 'services'],
  ['apiservice-openapiv3-controller', 'services'],
]

/** How far a server's start has come, as its health checks tell it. */
export class StartStages {
  readonly #done = new Set<StartStage>()

  done(stage: StartStage): void {
    this.#done.add(stage)
  }

  get checks(): readonly HealthCheck[] {
    const problem = (stage: StartStage) => (this.#done.has(stage) ? undefined : 'not finished')
    return [
      stateCheck('informer-sync', ['readyz'], () => problem('caches')),
      ...HOOKS.map(([name, stage]) =>
        stateCheck(`poststarthook/${name}`, ALWAYS, () => problem(stage)),
      ),
    ]
  }
}
