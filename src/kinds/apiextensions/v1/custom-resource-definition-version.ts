import { type Infer, s } from '../../../machinery/schema.ts'
import { JSONSchemaProps } from './json-schema-props.ts'

/** A column that `kubectl get` shows. */
export const CustomResourceColumnDefinition = s.struct(
  'apiextensions.v1.CustomResourceColumnDefinition',
  {
    name: s.string(),
    type: s.string(),
    format: s.string().optional(),
    description: s.string().optional(),
    priority: s.int32().optional(),
    jsonPath: s.string(),
  },
)
export interface CustomResourceColumnDefinition
  extends Infer<typeof CustomResourceColumnDefinition> {}

/** The schema that objects must fulfil. */
export const CustomResourceValidation = s.struct('apiextensions.v1.CustomResourceValidation', {
  openAPIV3Schema: JSONSchemaProps.optional(),
})
export interface CustomResourceValidation extends Infer<typeof CustomResourceValidation> {}

/** Empty: that it is there turns the status subresource on. */
export const CustomResourceSubresourceStatus = s.struct(
  'apiextensions.v1.CustomResourceSubresourceStatus',
  {},
)
export interface CustomResourceSubresourceStatus
  extends Infer<typeof CustomResourceSubresourceStatus> {}

/** The paths of the replica counts and the selector. */
export const CustomResourceSubresourceScale = s.struct(
  'apiextensions.v1.CustomResourceSubresourceScale',
  {
    specReplicasPath: s.string(),
    statusReplicasPath: s.string(),
    labelSelectorPath: s.string().optional().pointer(),
  },
)
export interface CustomResourceSubresourceScale
  extends Infer<typeof CustomResourceSubresourceScale> {}

/** The subresources of a kind. */
export const CustomResourceSubresources = s.struct('apiextensions.v1.CustomResourceSubresources', {
  status: CustomResourceSubresourceStatus.optional(),
  scale: CustomResourceSubresourceScale.optional(),
})
export interface CustomResourceSubresources extends Infer<typeof CustomResourceSubresources> {}

/** A field that field selectors may use. */
export const SelectableField = s.struct('apiextensions.v1.SelectableField', {
  jsonPath: s.string(),
})
export interface SelectableField extends Infer<typeof SelectableField> {}

/** One version of the kind: its schema, columns and subresources. */
export const CustomResourceDefinitionVersion = s.struct(
  'apiextensions.v1.CustomResourceDefinitionVersion',
  {
    name: s.string(),
    served: s.bool(),
    storage: s.bool(),
    deprecated: s.bool().optional(),
    deprecationWarning: s.string().optional().pointer(),
    schema: CustomResourceValidation.optional(),
    subresources: CustomResourceSubresources.optional(),
    additionalPrinterColumns: s
      .list(CustomResourceColumnDefinition, { listType: 'atomic' })
      .optional(),
    selectableFields: s.list(SelectableField, { listType: 'atomic' }).optional(),
  },
)
export interface CustomResourceDefinitionVersion
  extends Infer<typeof CustomResourceDefinitionVersion> {}
