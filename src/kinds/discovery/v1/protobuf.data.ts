import type { ProtobufNumbers } from '../../../machinery/protobuf-numbers.ts'

/** Protobuf field numbers, by struct; a list of numbers leads into embedded messages. */
export const protobufNumbers: ProtobufNumbers = {
  'discovery.v1.Endpoint': {addresses: 1, conditions: 2, hostname: 3, targetRef: 4, deprecatedTopology: 5, nodeName: 6, zone: 7, hints: 8},
  'discovery.v1.EndpointConditions': {ready: 1, serving: 2, terminating: 3},
  'discovery.v1.EndpointHints': {forZones: 1, forNodes: 2},
  'discovery.v1.EndpointPort': {name: 1, protocol: 2, port: 3, appProtocol: 4},
  'discovery.v1.EndpointSlice': {metadata: 1, endpoints: 2, ports: 3, addressType: 4},
  'discovery.v1.ForNode': {name: 1},
  'discovery.v1.ForZone': {name: 1},
}
