import type { Registry } from 'prom-client'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { Random } from '../../base/random.ts'
import type { Tracer } from '../../base/tracing/tracer.ts'
import type { Authorizer } from '../authorization/authorizer.ts'
import type { ResourceTable } from '../registry/resource-table.ts'
import type { DecodeYaml } from '../request.ts'
import type { OwnServer } from '../webhooks/own-server.ts'
import { ServiceResolver } from '../webhooks/service-resolver.ts'
import { WebhookClient, type WebhookClientOptions } from '../webhooks/webhook-client.ts'
import type { FindCredentials } from '../webhooks/webhook-credentials.ts'
import type { AdmissionPlugin } from './admission.ts'
import type { AdmissionConfiguration } from './admission-configuration.ts'
import { CelMatchConditions } from './cel/cel-match-conditions.ts'
import { ConditionMetrics, unobservedConditions } from './cel/condition-metrics.ts'
import { MutatingAdmissionPolicy } from './policy/mutating/mutating-admission-policy.ts'
import { PolicyMetrics, unobservedPolicies } from './policy/policy-metrics.ts'
import { ValidatingAdmissionPolicy } from './policy/validating/validating-admission-policy.ts'
import { MutatingAdmissionWebhook } from './webhook/mutating-admission-webhook.ts'
import { RequestBudget } from './webhook/request-budget.ts'
import { ValidatingAdmissionWebhook } from './webhook/validating-admission-webhook.ts'
import { unobservedHooks, WebhookMetrics } from './webhook/webhook-metrics.ts'

export interface DynamicPorts {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly registry?: Registry
  /** For webhooks of aggregated APIs. */
  readonly ownServer?: OwnServer
  readonly tracer?: Tracer | undefined
  readonly openPools?: WebhookClientOptions['openPools']
  /** For long YAML in webhooks' answers. */
  readonly decodeYaml?: DecodeYaml | undefined
  readonly resources: ResourceTable
  readonly authorizer: Authorizer
}

/** The plugins that ask webhooks and evaluate policies, in upstream's order. */
export function dynamicPlugins(
  ports: DynamicPorts,
  { mutatingWebhooks, validatingWebhooks }: AdmissionConfiguration,
): readonly AdmissionPlugin[] {
  const { resources, random, clock, registry, ownServer, decodeYaml } = ports
  const { tracer, openPools } = ports
  const services = new ServiceResolver(resources, random)
  const observer = registry === undefined ? unobservedHooks : new WebhookMetrics(registry)
  const conditionObserver =
    registry === undefined ? unobservedConditions : new ConditionMetrics(registry)
  const conditions = new CelMatchConditions({ ...ports, observer: conditionObserver })
  const budget = new RequestBudget(clock)
  const webhooks = (credentials: FindCredentials) => ({
    ...{ ...ports, conditions, observer, budget },
    client: new WebhookClient({
      services,
      credentials,
      clock,
      ownServer,
      decodeYaml,
      tracer,
      openPools,
    }),
  })
  const policies = (kind: 'mutating' | 'validating') => ({
    ...{ ...ports, conditionObserver },
    observer: registry === undefined ? unobservedPolicies : new PolicyMetrics(registry, kind),
  })
  return [
    new MutatingAdmissionPolicy(policies('mutating')),
    new MutatingAdmissionWebhook(webhooks(mutatingWebhooks)),
    new ValidatingAdmissionPolicy(policies('validating')),
    new ValidatingAdmissionWebhook(webhooks(validatingWebhooks)),
  ]
}
