import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'

export const BoundObjectReference = s.struct('authentication.v1.BoundObjectReference', {
  kind: s.string().optional(),
  apiVersion: s.string().optional(),
  name: s.string().optional(),
  uid: s.string().optional(),
})
export interface BoundObjectReference extends Infer<typeof BoundObjectReference> {}

export const TokenRequestSpec = s.struct('authentication.v1.TokenRequestSpec', {
  audiences: s.list(s.string(), { listType: 'atomic' }).optional(),
  expirationSeconds: s.int64().optional(),
  boundObjectRef: BoundObjectReference.optional(),
})
export interface TokenRequestSpec extends Infer<typeof TokenRequestSpec> {}

export const TokenRequestStatus = s.struct('authentication.v1.TokenRequestStatus', {
  token: s.string().default(''),
  expirationTimestamp: s.time().optional(),
})
export interface TokenRequestStatus extends Infer<typeof TokenRequestStatus> {}

export const TokenRequest = defineKind({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenRequest',
  plural: '',
  scope: 'Namespaced',
  verbs: [],
  isVirtual: true,
  fields: {
    spec: TokenRequestSpec.default({}),
    status: TokenRequestStatus.default({}),
  },
})
export interface TokenRequest extends ObjectOfKind<typeof TokenRequest> {}
