import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ObjectReference } from '../../core/v1/object-reference.ts'
import { raiseGeneration } from '../../generation.ts'
import { endpointSliceColumns } from './endpoint-slice-columns.ts'
import { newSliceWarnings, sliceWarnings, withoutOldTopology } from './endpoint-slice-strategy.ts'
import { validateEndpointSlice, validateEndpointSliceUpdate } from './endpoint-slice-validation.ts'
import { endpointSliceFromV1beta1 } from './from-v1beta1.ts'

/** Whether an endpoint is ready, serves or ends. */
export const EndpointConditions = s.struct('discovery.v1.EndpointConditions', {
  ready: s.bool().optional().pointer(),
  serving: s.bool().optional().pointer(),
  terminating: s.bool().optional().pointer(),
})
export interface EndpointConditions extends Infer<typeof EndpointConditions> {}

/** A zone that should use an endpoint. */
export const ForZone = s.struct('discovery.v1.ForZone', {
  name: s.string(),
})
export interface ForZone extends Infer<typeof ForZone> {}

/** A node that should use an endpoint. */
export const ForNode = s.struct('discovery.v1.ForNode', {
  name: s.string(),
})
export interface ForNode extends Infer<typeof ForNode> {}

/** For which zones and nodes an endpoint is meant. */
export const EndpointHints = s.struct('discovery.v1.EndpointHints', {
  forZones: s.list(ForZone, { listType: 'atomic' }).optional(),
  forNodes: s.list(ForNode, { listType: 'atomic' }).optional(),
})
export interface EndpointHints extends Infer<typeof EndpointHints> {}

/** An address behind a service: where it is, and whether it serves. */
export const Endpoint = s.struct('discovery.v1.Endpoint', {
  addresses: s.list(s.string(), { listType: 'set' }),
  conditions: EndpointConditions.default({}),
  hostname: s.string().optional().pointer(),
  targetRef: ObjectReference.optional(),
  deprecatedTopology: s.map(s.string()).optional(),
  nodeName: s.string().optional().pointer(),
  zone: s.string().optional().pointer(),
  hints: EndpointHints.optional(),
})
export interface Endpoint extends Infer<typeof Endpoint> {}

/** A port of all endpoints of a slice. */
export const EndpointPort = s.struct(
  'discovery.v1.EndpointPort',
  {
    name: s.string().default('').pointer(),
    protocol: s.string().default('TCP').pointer(),
    port: s.int32().optional().pointer(),
    appProtocol: s.string().optional().pointer(),
  },
  { mapType: 'atomic' },
)
export interface EndpointPort extends Infer<typeof EndpointPort> {}

const fields = {
  addressType: s.oneOf('FQDN', 'IPv4', 'IPv6'),
  endpoints: s.list(Endpoint, { listType: 'atomic' }).optional().nullWhenEmpty(),
  ports: s.list(EndpointPort, { listType: 'atomic' }).optional().nullWhenEmpty(),
}

/** A part of the addresses behind a service. */
export const EndpointSlice = defineKind({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  scope: 'Namespaced',
  fromOtherVersion: endpointSliceFromV1beta1,
  metadataRules: { onUpdate: 'new' },
  fields,
  hasGeneration: true,
  prepareForCreate: (slice) => withoutOldTopology(slice, undefined),
  prepareForUpdate: (object, old) =>
    withoutOldTopology(
      raiseGeneration(object, old, ({ metadata, addressType, endpoints, ports }) => [
        metadata.labels ?? {},
        addressType,
        endpoints ?? [],
        ports ?? [],
      ]),
      old,
    ),
  warningsOnCreate: newSliceWarnings,
  warningsOnUpdate: sliceWarnings,
  columns: endpointSliceColumns,
  validate: validateEndpointSlice,
  validateUpdate: validateEndpointSliceUpdate,
})
export interface EndpointSlice extends StoredObject<typeof fields, 'Namespaced'> {}
