import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { CustomResourceDefinitionVersion } from './custom-resource-definition-version.ts'
import { CustomResourceConversion } from './webhook-conversion.ts'

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

export const CustomResourceDefinitionStatus = s.struct(
  'apiextensions.v1.CustomResourceDefinitionStatus',
  {
    conditions: s
      .list(CustomResourceDefinitionCondition, { listType: 'map', listMapKeys: ['type'] })
      .optional(),
    acceptedNames: CustomResourceDefinitionNames.present(),
    storedVersions: s.list(s.string(), { listType: 'atomic' }).optional(),
    observedGeneration: s.int64().optional(),
  },
)
export interface CustomResourceDefinitionStatus
  extends Infer<typeof CustomResourceDefinitionStatus> {}

export const CustomResourceDefinition = defineKind({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  scope: 'Cluster',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  storagePrefix: 'apiextensions.k8s.io/customresourcedefinitions',
  allowsUnconditionalUpdate: false,
  fields: {
    spec: CustomResourceDefinitionSpec,
    status: CustomResourceDefinitionStatus.default({}),
  },
})
export interface CustomResourceDefinition extends ObjectOfKind<typeof CustomResourceDefinition> {}
