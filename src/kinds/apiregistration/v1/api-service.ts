import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { STATUS_KEEPS_METADATA } from '../../../machinery/metadata-rules.ts'
import { pathSegmentErrors } from '../../../machinery/names.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import { prepareApiServiceForCreate } from './api-service-strategy.ts'
import { validateApiService, validateApiServiceStatusUpdate } from './api-service-validation.ts'
import { availability } from './availability.ts'

/** The service that serves a group and version. */
export const ServiceReference = s.struct('apiregistration.v1.ServiceReference', {
  namespace: s.string().optional(),
  name: s.string().optional(),
  port: s.int32().default(443).pointer(),
})
export interface ServiceReference extends Infer<typeof ServiceReference> {}

/** Where a group and version is served, and its place in discovery. */
export const APIServiceSpec = s.struct('apiregistration.v1.APIServiceSpec', {
  service: ServiceReference.optional(),
  group: s.string().optional(),
  version: s.string().optional(),
  insecureSkipTLSVerify: s.bool().optional(),
  caBundle: s.bytes({ listType: 'atomic' }).optional(),
  groupPriorityMinimum: s.int32(),
  versionPriority: s.int32(),
})
export interface APIServiceSpec extends Infer<typeof APIServiceSpec> {}

/** One aspect of an API service's state, such as whether it is available. */
export const APIServiceCondition = s.struct('apiregistration.v1.APIServiceCondition', {
  type: s.string(),
  status: s.known('True', 'False', 'Unknown'),
  lastTransitionTime: s.time().orNull(),
  reason: s.string().optional(),
  message: s.string().optional(),
})
export interface APIServiceCondition extends Infer<typeof APIServiceCondition> {}

/** Whether an API service is available. */
export const APIServiceStatus = s.struct('apiregistration.v1.APIServiceStatus', {
  conditions: s
    .list(APIServiceCondition, {
      listType: 'map',
      listMapKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    })
    .optional(),
})
export interface APIServiceStatus extends Infer<typeof APIServiceStatus> {}

const fields = {
  spec: APIServiceSpec.present(),
  status: APIServiceStatus.default({}),
}

/** Serves a group and version of the API by another server, or here. */
export const APIService = defineKind({
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  plural: 'apiservices',
  scope: 'Cluster',
  metadataRules: { ...STATUS_KEEPS_METADATA, onUpdate: 'both', allowsPlainFinalizers: true },
  categories: ['api-extensions'],
  storagePrefix: 'apiregistration.k8s.io/apiservices',
  allowsUnconditionalUpdate: false,
  fields,
  hasGeneration: false,
  validateName: pathSegmentErrors,
  prepareForCreate: prepareApiServiceForCreate,
  validate: validateApiService,
  validateStatusUpdate: validateApiServiceStatusUpdate,
  columns: [
    {
      name: 'Service',
      type: 'string',
      of: ({ spec }) =>
        spec.service === undefined ? 'Local' : `${spec.service.namespace}/${spec.service.name}`,
    },
    { name: 'Available', type: 'string', of: availability },
    ageColumn,
  ],
})
export interface APIService extends StoredObject<typeof fields, 'Cluster'> {}
