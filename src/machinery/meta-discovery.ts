import { type Infer, s } from './schema.ts'

/** A group and version, together and apart. */
export const GroupVersionForDiscovery = s.struct('meta.v1.GroupVersionForDiscovery', {
  groupVersion: s.string(),
  version: s.string(),
})
export interface GroupVersionForDiscovery extends Infer<typeof GroupVersionForDiscovery> {}

/** The server's address for clients of a range of addresses. */
export const ServerAddressByClientCIDR = s.struct('meta.v1.ServerAddressByClientCIDR', {
  clientCIDR: s.string(),
  serverAddress: s.string(),
})
export interface ServerAddressByClientCIDR extends Infer<typeof ServerAddressByClientCIDR> {}

/** A group in discovery: its versions, and which one clients should use. */
export const APIGroup = s.struct('meta.v1.APIGroup', {
  kind: s.string().optional(),
  apiVersion: s.string().optional(),
  name: s.string(),
  versions: s.list(GroupVersionForDiscovery, { listType: 'atomic' }),
  preferredVersion: GroupVersionForDiscovery.present(),
  serverAddressByClientCIDRs: s.list(ServerAddressByClientCIDR, { listType: 'atomic' }).optional(),
})
export interface APIGroup extends Infer<typeof APIGroup> {}

/** All groups in discovery. */
export const APIGroupList = s.struct('meta.v1.APIGroupList', {
  kind: s.string().optional(),
  apiVersion: s.string().optional(),
  groups: s.list(APIGroup, { listType: 'atomic' }),
})
export interface APIGroupList extends Infer<typeof APIGroupList> {}

/** A resource in discovery: its names, scope and verbs. */
export const APIResource = s.struct('meta.v1.APIResource', {
  name: s.string(),
  singularName: s.string(),
  namespaced: s.bool(),
  group: s.string().optional(),
  version: s.string().optional(),
  kind: s.string(),
  verbs: s.list(s.string()),
  shortNames: s.list(s.string(), { listType: 'atomic' }).optional(),
  categories: s.list(s.string(), { listType: 'atomic' }).optional(),
  storageVersionHash: s.string().optional(),
})
export interface APIResource extends Infer<typeof APIResource> {}

/** All resources of a group and version in discovery. */
export const APIResourceList = s.struct('meta.v1.APIResourceList', {
  kind: s.string().optional(),
  apiVersion: s.string().optional(),
  groupVersion: s.string(),
  resources: s.list(APIResource, { listType: 'atomic' }),
})
export interface APIResourceList extends Infer<typeof APIResourceList> {}

/** The versions of the core group in discovery. */
export const APIVersions = s.struct('meta.v1.APIVersions', {
  kind: s.string().optional(),
  apiVersion: s.string().optional(),
  versions: s.list(s.string(), { listType: 'atomic' }),
  serverAddressByClientCIDRs: s.list(ServerAddressByClientCIDR, { listType: 'atomic' }),
})
export interface APIVersions extends Infer<typeof APIVersions> {}
