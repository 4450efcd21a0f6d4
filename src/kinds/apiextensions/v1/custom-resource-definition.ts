import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { setDefinitionDefaults } from './custom-resource-definition-defaults.ts'
import { beginCleanup, keepStoredVersions } from './custom-resource-definition-strategy.ts'
import {
  validateDefinition,
  validateDefinitionStatusUpdate,
  validateDefinitionUpdate,
} from './custom-resource-definition-validation.ts'
import { CustomResourceDefinitionVersion } from './custom-resource-definition-version.ts'
import { fromV1beta1 } from './from-v1beta1.ts'
import { newUnknownFormatWarnings, unknownFormatWarnings } from './unknown-format-warnings.ts'
import { CustomResourceConversion } from './webhook-conversion.ts'

/** The names of a kind: plural, singular, short, list. */
export const CustomResourceDefinitionNames = s.struct(
  'apiextensions.v1.CustomResourceDefinitionNames',
  {
    plural: s.string(),
    singular: s.string().filled(),
    shortNames: s.list(s.string(), { listType: 'atomic' }).optional(),
    kind: s.string(),
    listKind: s.string().filled(),
    categories: s.list(s.string(), { listType: 'atomic' }).optional(),
  },
)
export interface CustomResourceDefinitionNames
  extends Infer<typeof CustomResourceDefinitionNames> {}

/** Names, scope and versions of the kind that is added. */
export const CustomResourceDefinitionSpec = s.struct(
  'apiextensions.v1.CustomResourceDefinitionSpec',
  {
    group: s.string(),
    names: CustomResourceDefinitionNames,
    scope: s.string(),
    versions: s.list(CustomResourceDefinitionVersion, { listType: 'atomic' }),
    conversion: CustomResourceConversion.default({ strategy: 'None' }),
    preserveUnknownFields: s.bool().optional(),
  },
)
export interface CustomResourceDefinitionSpec extends Infer<typeof CustomResourceDefinitionSpec> {}

/** One aspect of a definition's state, such as whether it is established. */
export const CustomResourceDefinitionCondition = s.struct(
  'apiextensions.v1.CustomResourceDefinitionCondition',
  {
    type: s.string(),
    status: s.known('True', 'False', 'Unknown'),
    lastTransitionTime: s.time().optional(),
    reason: s.string().optional(),
    message: s.string().optional(),
    observedGeneration: s.int64().optional(),
  },
)
export interface CustomResourceDefinitionCondition
  extends Infer<typeof CustomResourceDefinitionCondition> {}

/** The names that were accepted, and the versions that are stored. */
export const CustomResourceDefinitionStatus = s.struct(
  'apiextensions.v1.CustomResourceDefinitionStatus',
  {
    conditions: s
      .list(CustomResourceDefinitionCondition, { listType: 'map', listMapKeys: ['type'] })
      .orNull(),
    acceptedNames: CustomResourceDefinitionNames.present(),
    storedVersions: s.list(s.string(), { listType: 'atomic' }).optional(),
    observedGeneration: s.int64().optional(),
  },
)
export interface CustomResourceDefinitionStatus
  extends Infer<typeof CustomResourceDefinitionStatus> {}

const fields = {
  spec: CustomResourceDefinitionSpec,
  status: CustomResourceDefinitionStatus.default({}),
}

/** Adds a kind to the API. */
export const CustomResourceDefinition = defineKind({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  scope: 'Cluster',
  metadataRules: { allowsPlainFinalizers: true },
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  storagePrefix: 'apiextensions.k8s.io/customresourcedefinitions',
  fromOtherVersion: fromV1beta1,
  allowsUnconditionalUpdate: false,
  fields,
  columns: [
    {
      name: 'Created At',
      type: 'date',
      isExact: true,
      of: ({ metadata }) => metadata.creationTimestamp,
    },
  ],
  setDefaults: setDefinitionDefaults,
  prepareForCreate: keepStoredVersions,
  prepareForUpdate: keepStoredVersions,
  markForDeletion: beginCleanup,
  validate: validateDefinition,
  warningsOnCreate: unknownFormatWarnings,
  warningsOnUpdate: newUnknownFormatWarnings,
  validateUpdate: validateDefinitionUpdate,
  validateStatusUpdate: validateDefinitionStatusUpdate,
})
export interface CustomResourceDefinition extends StoredObject<typeof fields, 'Cluster'> {}
