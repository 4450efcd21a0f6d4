import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { setLimitRangeDefaults } from './limit-range-defaults.ts'
import { validateLimitRange } from './limit-range-validation.ts'

/** Bounds and defaults for one type of object. */
export const LimitRangeItem = s.struct('core.v1.LimitRangeItem', {
  type: s.string(),
  max: s.map(s.quantity()).optional(),
  min: s.map(s.quantity()).optional(),
  default: s.map(s.quantity()).optional(),
  defaultRequest: s.map(s.quantity()).optional(),
  maxLimitRequestRatio: s.map(s.quantity()).optional(),
})
export interface LimitRangeItem extends Infer<typeof LimitRangeItem> {}

/** The limits in force. */
export const LimitRangeSpec = s.struct('core.v1.LimitRangeSpec', {
  limits: s.list(LimitRangeItem, { listType: 'atomic' }).nullWhenEmpty(),
})
export interface LimitRangeSpec extends Infer<typeof LimitRangeSpec> {}

const fields = {
  spec: LimitRangeSpec.present(),
}

/** Bounds and defaults for what single pods, containers and claims may ask for. */
export const LimitRange = defineKind({
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  scope: 'Namespaced',
  metadataRules: { onUpdate: 'new' },
  shortNames: ['limits'],
  allowsCreateOnUpdate: true,
  fields,
  setDefaults: setLimitRangeDefaults,
  // One that comes without a name is named by a UUID.
  prepareForCreate: (range) =>
    (range.metadata.name ?? '') === '' ? named(range, range.metadata.uid) : range,
  hasGeneration: false,
  columns: [
    {
      name: 'Created At',
      type: 'date',
      isExact: true,
      of: ({ metadata }) => metadata.creationTimestamp,
    },
  ],
  validate: validateLimitRange,
})
export interface LimitRange extends StoredObject<typeof fields, 'Namespaced'> {}

function named(range: LimitRange, name: string): LimitRange {
  return { ...range, metadata: { ...range.metadata, name } }
}
