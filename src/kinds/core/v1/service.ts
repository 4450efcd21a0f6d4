import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { labelNameErrors } from '../../../machinery/names.ts'
import { serviceColumns } from './service-columns.ts'
import { setServiceDefaults } from './service-defaults.ts'
import { ServiceSpec } from './service-spec.ts'
import { ServiceStatus } from './service-status.ts'
import { prepareServiceForUpdate } from './service-strategy.ts'
import {
  validateService,
  validateServiceStatusUpdate,
  validateServiceUpdate,
} from './service-update-validation.ts'
import { serviceWarnings } from './service-warnings.ts'

const fields = {
  spec: ServiceSpec.default({}),
  status: ServiceStatus.default({}),
}

/** One name and address in front of pods that a selector chooses. */
export const Service = defineKind({
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  scope: 'Namespaced',
  shortNames: ['svc'],
  categories: ['all'],
  subresources: [
    {
      name: 'proxy',
      verbs: ['create', 'delete', 'get', 'patch', 'update'],
      kind: 'ServiceProxyOptions',
    },
  ],
  storagePrefix: 'services/specs',
  allowsCreateOnUpdate: true,
  fields,
  returnsDeletedObject: true,
  hasGeneration: false,
  prepareForUpdate: prepareServiceForUpdate,
  selectableFields: {
    'spec.clusterIP': ({ spec }) => spec.clusterIP ?? '',
    'spec.type': ({ spec }) => spec.type,
  },
  validateName: labelNameErrors,
  columns: serviceColumns,
  setDefaults: setServiceDefaults,
  warningsOnCreate: serviceWarnings,
  warningsOnUpdate: serviceWarnings,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  validateStatusUpdate: validateServiceStatusUpdate,
})
export interface Service extends StoredObject<typeof fields, 'Namespaced'> {}
