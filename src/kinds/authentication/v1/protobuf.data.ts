import type { ProtobufNumbers } from '../../../machinery/protobuf-numbers.ts'

/** Protobuf field numbers, by struct; a list of numbers leads into embedded messages. */
export const protobufNumbers: ProtobufNumbers = {
  'authentication.v1.BoundObjectReference': {kind: 1, apiVersion: 2, name: 3, uid: 4},
  'authentication.v1.SelfSubjectReview': {metadata: 1, status: 2},
  'authentication.v1.SelfSubjectReviewStatus': {userInfo: 1},
  'authentication.v1.TokenRequest': {metadata: 1, spec: 2, status: 3},
  'authentication.v1.TokenRequestSpec': {audiences: 1, boundObjectRef: 3, expirationSeconds: 4},
  'authentication.v1.TokenRequestStatus': {token: 1, expirationTimestamp: 2},
  'authentication.v1.TokenReview': {metadata: 1, spec: 2, status: 3},
  'authentication.v1.TokenReviewSpec': {token: 1, audiences: 2},
  'authentication.v1.TokenReviewStatus': {authenticated: 1, user: 2, error: 3, audiences: 4},
  'authentication.v1.UserInfo': {username: 1, uid: 2, groups: 3, extra: 4},
}
