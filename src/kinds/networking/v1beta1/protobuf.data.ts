import type { ProtobufNumbers } from '../../../machinery/protobuf-numbers.ts'

/** Protobuf field numbers, by struct; a list of numbers leads into embedded messages. */
export const protobufNumbers: ProtobufNumbers = {
  'networking.v1beta1.IPAddress': {metadata: 1, spec: 2},
  'networking.v1beta1.IPAddressSpec': {parentRef: 1},
  'networking.v1beta1.ParentReference': {group: 1, resource: 2, namespace: 3, name: 4},
  'networking.v1beta1.ServiceCIDR': {metadata: 1, spec: 2, status: 3},
  'networking.v1beta1.ServiceCIDRSpec': {cidrs: 1},
  'networking.v1beta1.ServiceCIDRStatus': {conditions: 1},
}
