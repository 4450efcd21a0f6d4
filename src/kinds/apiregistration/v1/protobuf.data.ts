import type { ProtobufNumbers } from '../../../machinery/protobuf-numbers.ts'

/** Protobuf field numbers, by struct; a list of numbers leads into embedded messages. */
export const protobufNumbers: ProtobufNumbers = {
  'apiregistration.v1.APIService': {metadata: 1, spec: 2, status: 3},
  'apiregistration.v1.APIServiceCondition': {type: 1, status: 2, lastTransitionTime: 3, reason: 4, message: 5},
  'apiregistration.v1.APIServiceSpec': {service: 1, group: 2, version: 3, insecureSkipTLSVerify: 4, caBundle: 5, groupPriorityMinimum: 7, versionPriority: 8},
  'apiregistration.v1.APIServiceStatus': {conditions: 1},
  'apiregistration.v1.ServiceReference': {namespace: 1, name: 2, port: 3},
}
