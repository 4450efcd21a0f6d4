import { protobufNumbers as meta } from '../machinery/meta-protobuf.data.ts'
import type { ProtobufNumbers } from '../machinery/protobuf-numbers.ts'
import { protobufNumbers as admissionregistrationV1 } from './admissionregistration/v1/protobuf.data.ts'
import { protobufNumbers as admissionregistrationV1alpha1 } from './admissionregistration/v1alpha1/protobuf.data.ts'
import { protobufNumbers as admissionregistrationV1beta1 } from './admissionregistration/v1beta1/protobuf.data.ts'
import { protobufNumbers as apiextensionsV1 } from './apiextensions/v1/protobuf.data.ts'
import { protobufNumbers as apiregistrationV1 } from './apiregistration/v1/protobuf.data.ts'
import { protobufNumbers as apiserverinternalV1alpha1 } from './apiserverinternal/v1alpha1/protobuf.data.ts'
import { protobufNumbers as appsV1 } from './apps/v1/protobuf.data.ts'
import { protobufNumbers as authenticationV1 } from './authentication/v1/protobuf.data.ts'
import { protobufNumbers as authorizationV1 } from './authorization/v1/protobuf.data.ts'
import { protobufNumbers as autoscalingV1 } from './autoscaling/v1/protobuf.data.ts'
import { protobufNumbers as autoscalingV2 } from './autoscaling/v2/protobuf.data.ts'
import { protobufNumbers as batchV1 } from './batch/v1/protobuf.data.ts'
import { protobufNumbers as certificatesV1 } from './certificates/v1/protobuf.data.ts'
import { protobufNumbers as certificatesV1alpha1 } from './certificates/v1alpha1/protobuf.data.ts'
import { protobufNumbers as certificatesV1beta1 } from './certificates/v1beta1/protobuf.data.ts'
import { protobufNumbers as coordinationV1 } from './coordination/v1/protobuf.data.ts'
import { protobufNumbers as coordinationV1alpha2 } from './coordination/v1alpha2/protobuf.data.ts'
import { protobufNumbers as coordinationV1beta1 } from './coordination/v1beta1/protobuf.data.ts'
import { protobufNumbers as coreV1 } from './core/v1/protobuf.data.ts'
import { protobufNumbers as discoveryV1 } from './discovery/v1/protobuf.data.ts'
import { protobufNumbers as eventsV1 } from './events/v1/protobuf.data.ts'
import { protobufNumbers as flowcontrolV1 } from './flowcontrol/v1/protobuf.data.ts'
import { protobufNumbers as networkingV1 } from './networking/v1/protobuf.data.ts'
import { protobufNumbers as networkingV1beta1 } from './networking/v1beta1/protobuf.data.ts'
import { protobufNumbers as nodeV1 } from './node/v1/protobuf.data.ts'
import { protobufNumbers as policyV1 } from './policy/v1/protobuf.data.ts'
import { protobufNumbers as rbacV1 } from './rbac/v1/protobuf.data.ts'
import { protobufNumbers as resourceV1 } from './resource/v1/protobuf.data.ts'
import { protobufNumbers as resourceV1alpha3 } from './resource/v1alpha3/protobuf.data.ts'
import { protobufNumbers as resourceV1beta1 } from './resource/v1beta1/protobuf.data.ts'
import { protobufNumbers as resourceV1beta2 } from './resource/v1beta2/protobuf.data.ts'
import { protobufNumbers as schedulingV1 } from './scheduling/v1/protobuf.data.ts'
import { protobufNumbers as schedulingV1alpha2 } from './scheduling/v1alpha2/protobuf.data.ts'
import { protobufNumbers as storageV1 } from './storage/v1/protobuf.data.ts'
import { protobufNumbers as storageV1beta1 } from './storage/v1beta1/protobuf.data.ts'
import { protobufNumbers as storagemigrationV1beta1 } from './storagemigration/v1beta1/protobuf.data.ts'

/** The field numbers of all built-in structs, for the protobuf codec. */
export const protobufNumbers: ProtobufNumbers = {
  ...meta,
  ...admissionregistrationV1,
  ...admissionregistrationV1alpha1,
  ...admissionregistrationV1beta1,
  ...apiextensionsV1,
  ...apiregistrationV1,
  ...apiserverinternalV1alpha1,
  ...appsV1,
  ...authenticationV1,
  ...authorizationV1,
  ...autoscalingV1,
  ...autoscalingV2,
  ...batchV1,
  ...certificatesV1,
  ...certificatesV1alpha1,
  ...certificatesV1beta1,
  ...coordinationV1,
  ...coordinationV1alpha2,
  ...coordinationV1beta1,
  ...coreV1,
  ...discoveryV1,
  ...eventsV1,
  ...flowcontrolV1,
  ...networkingV1,
  ...networkingV1beta1,
  ...nodeV1,
  ...policyV1,
  ...rbacV1,
  ...resourceV1,
  ...resourceV1alpha3,
  ...resourceV1beta1,
  ...resourceV1beta2,
  ...schedulingV1,
  ...schedulingV1alpha2,
  ...storageV1,
  ...storageV1beta1,
  ...storagemigrationV1beta1,
}
