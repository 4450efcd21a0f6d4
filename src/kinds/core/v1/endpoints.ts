import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { endpointsColumns } from './endpoints-columns.ts'
import { validateEndpoints, validateEndpointsUpdate } from './endpoints-validation.ts'
import { ObjectReference } from './object-reference.ts'

/** One address behind a service, and what stands there. */
export const EndpointAddress = s.struct(
  'core.v1.EndpointAddress',
  {
    ip: s.string(),
    hostname: s.string().optional(),
    nodeName: s.string().optional().pointer(),
    targetRef: ObjectReference.optional(),
  },
  { mapType: 'atomic' },
)
export interface EndpointAddress extends Infer<typeof EndpointAddress> {}

/** A port of the addresses of a subset. */
export const EndpointPort = s.struct(
  'core.v1.EndpointPort',
  {
    name: s.string().optional(),
    port: s.int32(),
    protocol: s.oneOf('SCTP', 'TCP', 'UDP').default('TCP'),
    appProtocol: s.string().optional().pointer(),
  },
  { mapType: 'atomic' },
)
export interface EndpointPort extends Infer<typeof EndpointPort> {}

/** Addresses that share ports. */
export const EndpointSubset = s.struct('core.v1.EndpointSubset', {
  addresses: s.list(EndpointAddress, { listType: 'atomic' }).optional(),
  notReadyAddresses: s.list(EndpointAddress, { listType: 'atomic' }).optional(),
  ports: s.list(EndpointPort, { listType: 'atomic' }).optional(),
})
export interface EndpointSubset extends Infer<typeof EndpointSubset> {}

const fields = {
  subsets: s.list(EndpointSubset, { listType: 'atomic' }).optional(),
}

/** The addresses behind a service, in the older form. */
export const Endpoints = defineKind({
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  scope: 'Namespaced',
  metadataRules: { onUpdate: 'both' },
  shortNames: ['ep'],
  storagePrefix: 'services/endpoints',
  allowsCreateOnUpdate: true,
  fields,
  columns: endpointsColumns,
  validate: validateEndpoints,
  validateUpdate: validateEndpointsUpdate,
})
export interface Endpoints extends StoredObject<typeof fields, 'Namespaced'> {}
