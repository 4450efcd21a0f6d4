import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import { raiseGeneration } from '../../generation.ts'
import { webhooksFromV1beta1 } from './from-v1beta1.ts'
import { MatchCondition } from './match-resources.ts'
import { RuleWithOperations, WebhookClientConfig } from './webhook-client-config.ts'
import { validateWebhooks, validateWebhooksUpdate } from './webhook-configuration-validation.ts'

/** An HTTPS endpoint that may change objects on admission. */
export const MutatingWebhook = s.struct('admissionregistration.v1.MutatingWebhook', {
  name: s.string(),
  clientConfig: WebhookClientConfig,
  rules: s.list(RuleWithOperations, { listType: 'atomic' }).optional(),
  failurePolicy: s.oneOf('Fail', 'Ignore').default('Fail').pointer(),
  matchPolicy: s.oneOf('Equivalent', 'Exact').default('Equivalent').pointer(),
  namespaceSelector: LabelSelector.default({}).pointer(),
  objectSelector: LabelSelector.default({}).pointer(),
  sideEffects: s.oneOf('None', 'NoneOnDryRun', 'Some', 'Unknown').pointer(),
  timeoutSeconds: s.int32().default(10).pointer(),
  admissionReviewVersions: s.list(s.string(), { listType: 'atomic' }),
  reinvocationPolicy: s.oneOf('IfNeeded', 'Never').default('Never').pointer(),
  matchConditions: s
    .list(MatchCondition, {
      listType: 'map',
      listMapKeys: ['name'],
      patchStrategy: 'merge',
      patchMergeKey: 'name',
    })
    .optional(),
})
export interface MutatingWebhook extends Infer<typeof MutatingWebhook> {}

const fields = {
  webhooks: s
    .list(MutatingWebhook, {
      listType: 'map',
      listMapKeys: ['name'],
      patchStrategy: 'merge',
      patchMergeKey: 'name',
    })
    .optional(),
}

/** The webhooks that may change objects on admission. */
export const MutatingWebhookConfiguration = defineKind({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  scope: 'Cluster',
  fromOtherVersion: webhooksFromV1beta1,
  metadataRules: { onUpdate: 'new', allowsPlainFinalizers: true },
  categories: ['api-extensions'],
  allowsUnconditionalUpdate: false,
  fields,
  hasGeneration: true,
  prepareForUpdate: (object, old) => raiseGeneration(object, old, ({ webhooks }) => webhooks),
  validate: validateWebhooks,
  validateUpdate: validateWebhooksUpdate,
  columns: [
    { name: 'Webhooks', type: 'integer', of: ({ webhooks = [] }) => webhooks.length },
    ageColumn,
  ],
})
export interface MutatingWebhookConfiguration extends StoredObject<typeof fields, 'Cluster'> {}
