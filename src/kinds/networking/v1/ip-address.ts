import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import {
  addressNameErrors,
  validateIpAddress,
  validateIpAddressUpdate,
} from './ip-address-validation.ts'
import { parentText } from './parent-text.ts'

/** The object to which an address belongs. */
export const ParentReference = s.struct('networking.v1.ParentReference', {
  group: s.string().optional(),
  resource: s.string().pointer(),
  namespace: s.string().optional(),
  name: s.string().pointer(),
})
export interface ParentReference extends Infer<typeof ParentReference> {}

/** The object to which an address belongs. */
export const IPAddressSpec = s.struct('networking.v1.IPAddressSpec', {
  parentRef: ParentReference.pointer(),
})
export interface IPAddressSpec extends Infer<typeof IPAddressSpec> {}

const fields = {
  spec: IPAddressSpec,
}

/** An address that is taken, and by whom. */
export const IPAddress = defineKind({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IPAddress',
  plural: 'ipaddresses',
  scope: 'Cluster',
  metadataRules: { onUpdate: 'both' },
  shortNames: ['ip'],
  fields,
  hasGeneration: false,
  validateName: addressNameErrors,
  validate: validateIpAddress,
  validateUpdate: validateIpAddressUpdate,
  columns: [{ name: 'ParentRef', type: 'string', of: ({ spec }) => parentText(spec.parentRef) }],
})
export interface IPAddress extends StoredObject<typeof fields, 'Cluster'> {}
