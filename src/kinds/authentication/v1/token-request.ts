import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'

/** The object with which a token's life ends. */
export const BoundObjectReference = s.struct('authentication.v1.BoundObjectReference', {
  kind: s.string().optional(),
  apiVersion: s.string().optional(),
  name: s.string().optional(),
  uid: s.string().optional(),
})
export interface BoundObjectReference extends Infer<typeof BoundObjectReference> {}

/** For whom a token is meant, how long it should live and what it is bound to. */
export const TokenRequestSpec = s.struct('authentication.v1.TokenRequestSpec', {
  audiences: s.list(s.string(), { listType: 'atomic' }).optional(),
  expirationSeconds: s.int64().optional().pointer(),
  boundObjectRef: BoundObjectReference.orNull(),
})
export interface TokenRequestSpec extends Infer<typeof TokenRequestSpec> {}

/** The token that was issued, and when it ends. */
export const TokenRequestStatus = s.struct('authentication.v1.TokenRequestStatus', {
  token: s.string().publishedDefault(''),
  expirationTimestamp: s.time().orNull(),
})
export interface TokenRequestStatus extends Infer<typeof TokenRequestStatus> {}

/** Asks for a service account's token. */
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
