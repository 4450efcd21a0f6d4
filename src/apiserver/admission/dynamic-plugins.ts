import type { Registry } from 'prom-client'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { Random } from '../../base/random.ts'
import type { Authorizer } from '../authorization/authorizer.ts'
import type { ResourceTable } from '../registry/resource-table.ts'
import { ServiceResolver } from '../webhooks/service-resolver.ts'
import { WebhookClient } from '../webhooks/webhook-client.ts'
import type { FindCredentials } from '../webhooks/webhook-credentials.ts'
import type { AdmissionPlugin } from './admission.ts'
import type { AdmissionConfiguration } from './admission-configuration.ts'
import { MutatingAdmissionWebhook } from './webhook/mutating-admission-webhook.ts'
import { ValidatingAdmissionWebhook } from './webhook/validating-admission-webhook.ts'
import { unobservedHooks, WebhookMetrics } from './webhook/webhook-metrics.ts'

export interface DynamicPorts {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly registry?: Registry
  readonly resources: ResourceTable
  readonly authorizer: Authorizer
}

/** The plugins that ask webhooks and evaluate policies, in upstream's order. */
export function dynamicPlugins(
  ports: DynamicPorts,
  { mutatingWebhooks, validatingWebhooks }: AdmissionConfiguration,
): readonly AdmissionPlugin[] {
  const { resources, random, clock, registry } = ports
  const services = new ServiceResolver(resources, random)
  const observer = registry === undefined ? unobservedHooks : new WebhookMetrics(registry)
  const conditions = { match: () => ({ matches: false, error: new Error('not compiled') }) }
  const webhooks = (credentials: FindCredentials) => ({
    ...{ ...ports, conditions, observer },
    client: new WebhookClient({ services, credentials, clock }),
  })
  return [
    new MutatingAdmissionWebhook(webhooks(mutatingWebhooks)),
    new ValidatingAdmissionWebhook(webhooks(validatingWebhooks)),
  ]
}
