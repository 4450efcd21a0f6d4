import type { DeclaredField, DeclaredType } from '../../../cel/declared-type.ts'
import {
  BOOL,
  type CelType,
  DYN,
  INT,
  listOf,
  mapOf,
  objectNamed,
  STRING,
  TIMESTAMP,
} from '../../../cel/types.ts'

const UNBOUNDED = { maxElements: Number.MAX_SAFE_INTEGER, minSerializedSize: 0 }

type Fields = Readonly<Record<string, DeclaredType>>

const scalar = (type: CelType): DeclaredType => ({ ...UNBOUNDED, type })
const text = scalar(STRING)
const list = (elements: DeclaredType): DeclaredType => ({
  ...UNBOUNDED,
  type: listOf(elements.type),
  elements,
})
const map = (elements: DeclaredType): DeclaredType => ({
  ...UNBOUNDED,
  type: mapOf(STRING, elements.type),
  keys: text,
  elements,
})

function object(name: string, fields: Fields): DeclaredType {
  const declared = Object.entries(fields).map(([field, type]): [string, DeclaredField] => [
    field,
    { type, isRequired: false },
  ])
  return { ...UNBOUNDED, type: objectNamed(name), fields: new Map(declared) }
}

const groupVersionKind = object('kubernetes.GroupVersionKind', {
  group: text,
  version: text,
  kind: text,
})
const groupVersionResource = object('kubernetes.GroupVersionResource', {
  group: text,
  version: text,
  resource: text,
})
const userInfo = object('kubernetes.UserInfo', {
  username: text,
  uid: text,
  groups: list(text),
  extra: map(list(text)),
})

/** `request`: what is known of a write beside its objects. */
export const REQUEST_TYPE: DeclaredType = object('kubernetes.AdmissionRequest', {
  kind: groupVersionKind,
  resource: groupVersionResource,
  subResource: text,
  requestKind: groupVersionKind,
  requestResource: groupVersionResource,
  requestSubResource: text,
  name: text,
  namespace: text,
  operation: text,
  userInfo,
  dryRun: scalar(BOOL),
  options: scalar(DYN),
})

const condition = object('kubernetes.NamespaceCondition', {
  status: text,
  type: text,
  lastTransitionTime: scalar(TIMESTAMP),
  message: text,
  reason: text,
})
const namespaceMetadata = object('kubernetes.NamespaceMetadata', {
  name: text,
  generateName: text,
  namespace: text,
  labels: map(text),
  annotations: map(text),
  UID: text,
  creationTimestamp: scalar(TIMESTAMP),
  deletionGracePeriodSeconds: scalar(INT),
  deletionTimestamp: scalar(TIMESTAMP),
  generation: scalar(INT),
  resourceVersion: text,
  finalizers: list(text),
})

/** `namespaceObject`: the namespace of a write, without what is nobody's business. */
export const NAMESPACE_TYPE: DeclaredType = object('kubernetes.Namespace', {
  metadata: namespaceMetadata,
  spec: object('kubernetes.NamespaceSpec', { finalizers: list(text) }),
  status: object('kubernetes.NamespaceStatus', { conditions: list(condition), phase: text }),
})
