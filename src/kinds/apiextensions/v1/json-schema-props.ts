import {
  type Infer,
  type JsonForms,
  type Schema,
  type SchemaNode,
  type StructNode,
  s,
} from '../../../machinery/schema.ts'

/** A link to further documentation. */
export const ExternalDocumentation = s.struct('apiextensions.v1.ExternalDocumentation', {
  description: s.string().optional(),
  url: s.string().optional(),
})
export interface ExternalDocumentation extends Infer<typeof ExternalDocumentation> {}

/** A CEL rule of a schema, and what to say when it is broken. */
export const ValidationRule = s.struct('apiextensions.v1.ValidationRule', {
  rule: s.string(),
  message: s.string().optional(),
  messageExpression: s.string().optional(),
  reason: s
    .oneOf('FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired')
    .optional()
    .pointer(),
  fieldPath: s.string().optional(),
  optionalOldSelf: s.bool().optional().pointer(),
})
export interface ValidationRule extends Infer<typeof ValidationRule> {}

/** A schema within a schema. */
const SCHEMA: SchemaNode = {
  type: 'lazy',
  name: 'apiextensions.v1.JSONSchemaProps',
  resolve: () => JSONSchemaProps.node as StructNode,
}
const SCHEMA_OR_BOOL: JsonForms = {
  object: SCHEMA,
  takesBoolean: true,
  refusal: 'boolean or JSON schema expected',
}

/** A JSON schema with the extensions of Kubernetes. */
export interface JSONSchemaProps {
  readonly id?: string | undefined
  readonly $schema?: string | undefined
  readonly $ref?: string | undefined
  readonly description?: string | undefined
  readonly type?: string | undefined
  readonly format?: string | undefined
  readonly title?: string | undefined
  readonly default?: unknown | undefined
  readonly maximum?: number | undefined
  readonly exclusiveMaximum?: boolean | undefined
  readonly minimum?: number | undefined
  readonly exclusiveMinimum?: boolean | undefined
  readonly maxLength?: number | undefined
  readonly minLength?: number | undefined
  readonly pattern?: string | undefined
  readonly maxItems?: number | undefined
  readonly minItems?: number | undefined
  readonly uniqueItems?: boolean | undefined
  readonly multipleOf?: number | undefined
  readonly enum?: readonly unknown[] | undefined
  readonly maxProperties?: number | undefined
  readonly minProperties?: number | undefined
  readonly required?: readonly string[] | undefined
  readonly items?: JSONSchemaProps | readonly JSONSchemaProps[] | undefined
  readonly allOf?: readonly JSONSchemaProps[] | undefined
  readonly oneOf?: readonly JSONSchemaProps[] | undefined
  readonly anyOf?: readonly JSONSchemaProps[] | undefined
  readonly not?: JSONSchemaProps | undefined
  readonly properties?: { readonly [key: string]: JSONSchemaProps } | undefined
  readonly additionalProperties?: JSONSchemaProps | boolean | undefined
  readonly patternProperties?: { readonly [key: string]: JSONSchemaProps } | undefined
  readonly dependencies?:
    | { readonly [key: string]: JSONSchemaProps | readonly string[] }
    | undefined
  readonly additionalItems?: JSONSchemaProps | boolean | undefined
  readonly definitions?: { readonly [key: string]: JSONSchemaProps } | undefined
  readonly externalDocs?: ExternalDocumentation | undefined
  readonly example?: unknown | undefined
  readonly nullable?: boolean | undefined
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean | undefined
  readonly 'x-kubernetes-embedded-resource'?: boolean | undefined
  readonly 'x-kubernetes-int-or-string'?: boolean | undefined
  readonly 'x-kubernetes-list-map-keys'?: readonly string[] | undefined
  readonly 'x-kubernetes-list-type'?: string | undefined
  readonly 'x-kubernetes-map-type'?: string | undefined
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[] | undefined
}
export const JSONSchemaProps: Schema<JSONSchemaProps, JSONSchemaProps, 'required'> = s.struct(
  'apiextensions.v1.JSONSchemaProps',
  {
    id: s.string().optional(),
    $schema: s.string().optional(),
    $ref: s.string().optional().pointer(),
    description: s.string().optional(),
    type: s.string().optional(),
    format: s.string().optional(),
    title: s.string().optional(),
    default: s.json('apiextensions.v1.JSON').optional().pointer(),
    maximum: s.double().optional().pointer(),
    exclusiveMaximum: s.bool().optional(),
    minimum: s.double().optional().pointer(),
    exclusiveMinimum: s.bool().optional(),
    maxLength: s.int64().optional().pointer(),
    minLength: s.int64().optional().pointer(),
    pattern: s.string().optional(),
    maxItems: s.int64().optional().pointer(),
    minItems: s.int64().optional().pointer(),
    uniqueItems: s.bool().optional(),
    multipleOf: s.double().optional().pointer(),
    enum: s.list(s.json('apiextensions.v1.JSON'), { listType: 'atomic' }).optional(),
    maxProperties: s.int64().optional().pointer(),
    minProperties: s.int64().optional().pointer(),
    required: s.list(s.string(), { listType: 'atomic' }).optional(),
    items: s
      .json<JSONSchemaProps | readonly JSONSchemaProps[]>(
        'apiextensions.v1.JSONSchemaPropsOrArray',
        { object: SCHEMA, list: { type: 'list', items: SCHEMA } },
      )
      .optional()
      .pointer(),
    allOf: s
      .list(
        s.lazy<JSONSchemaProps>('apiextensions.v1.JSONSchemaProps', () => JSONSchemaProps.node),
        { listType: 'atomic' },
      )
      .optional(),
    oneOf: s
      .list(
        s.lazy<JSONSchemaProps>('apiextensions.v1.JSONSchemaProps', () => JSONSchemaProps.node),
        { listType: 'atomic' },
      )
      .optional(),
    anyOf: s
      .list(
        s.lazy<JSONSchemaProps>('apiextensions.v1.JSONSchemaProps', () => JSONSchemaProps.node),
        { listType: 'atomic' },
      )
      .optional(),
    not: s
      .lazy<JSONSchemaProps>('apiextensions.v1.JSONSchemaProps', () => JSONSchemaProps.node)
      .optional(),
    properties: s
      .map(s.lazy<JSONSchemaProps>('apiextensions.v1.JSONSchemaProps', () => JSONSchemaProps.node))
      .optional(),
    additionalProperties: s
      .json<JSONSchemaProps | boolean>('apiextensions.v1.JSONSchemaPropsOrBool', SCHEMA_OR_BOOL)
      .optional()
      .pointer(),
    patternProperties: s
      .map(s.lazy<JSONSchemaProps>('apiextensions.v1.JSONSchemaProps', () => JSONSchemaProps.node))
      .optional(),
    dependencies: s
      .map(
        s.json<JSONSchemaProps | readonly string[]>(
          'apiextensions.v1.JSONSchemaPropsOrStringArray',
          { object: SCHEMA, list: s.list(s.string()).node },
        ),
      )
      .optional(),
    additionalItems: s
      .json<JSONSchemaProps | boolean>('apiextensions.v1.JSONSchemaPropsOrBool', SCHEMA_OR_BOOL)
      .optional()
      .pointer(),
    definitions: s
      .map(s.lazy<JSONSchemaProps>('apiextensions.v1.JSONSchemaProps', () => JSONSchemaProps.node))
      .optional(),
    externalDocs: ExternalDocumentation.optional(),
    example: s.json('apiextensions.v1.JSON').optional().pointer(),
    nullable: s.bool().optional(),
    'x-kubernetes-preserve-unknown-fields': s.bool().optional().pointer(),
    'x-kubernetes-embedded-resource': s.bool().optional(),
    'x-kubernetes-int-or-string': s.bool().optional(),
    'x-kubernetes-list-map-keys': s.list(s.string(), { listType: 'atomic' }).optional(),
    'x-kubernetes-list-type': s.string().optional().pointer(),
    'x-kubernetes-map-type': s.string().optional().pointer(),
    'x-kubernetes-validations': s
      .list(ValidationRule, {
        listType: 'map',
        listMapKeys: ['rule'],
        patchStrategy: 'merge',
        patchMergeKey: 'rule',
      })
      .optional(),
  },
)
