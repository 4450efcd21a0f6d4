import type { ProtobufNumbers } from '../../../machinery/protobuf-numbers.ts'

/** Protobuf field numbers, by struct; a list of numbers leads into embedded messages. */
export const protobufNumbers: ProtobufNumbers = {
  'resource.v1alpha3.DeviceTaint': {key: 1, value: 2, effect: 3, timeAdded: 4},
  'resource.v1alpha3.DeviceTaintRule': {metadata: 1, spec: 2, status: 3},
  'resource.v1alpha3.DeviceTaintRuleSpec': {deviceSelector: 1, taint: 2},
  'resource.v1alpha3.DeviceTaintRuleStatus': {conditions: 1},
  'resource.v1alpha3.DeviceTaintSelector': {driver: 2, pool: 3, device: 4},
  'resource.v1alpha3.PoolStatus': {driver: 1, poolName: 2, nodeName: 3, totalDevices: 4, allocatedDevices: 5, availableDevices: 6, unavailableDevices: 7, resourceSliceCount: 8, generation: 9, validationError: 10},
  'resource.v1alpha3.ResourcePoolStatusRequest': {metadata: 1, spec: 2, status: 3},
  'resource.v1alpha3.ResourcePoolStatusRequestSpec': {driver: 1, poolName: 2, limit: 3},
  'resource.v1alpha3.ResourcePoolStatusRequestStatus': {pools: 2, conditions: 3, poolCount: 6},
}
