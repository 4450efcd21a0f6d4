// Images and the file systems that hold them.
import {
  bool,
  boxedInt64,
  boxedUint64,
  type Decoded,
  exactInt64,
  type Given,
  map,
  message,
  one,
  string,
  strings,
  uint64,
} from '../../base/protobuf/message.ts'

export const imageSpec = message('ImageSpec', {
  image: string(1),
  annotations: map(2),
  userSpecifiedImage: string(18),
  runtimeHandler: string(19),
  imageRef: string(20),
})
export interface ImageSpec extends Given<typeof imageSpec> {}

export const image = message('Image', {
  id: string(1),
  repoTags: strings(2),
  repoDigests: strings(3),
  size: uint64(4),
  uid: boxedInt64(5),
  username: string(6),
  spec: one(7, imageSpec),
  pinned: bool(8),
})
export interface Image extends Decoded<typeof image> {}

export const imageFilter = message('ImageFilter', {
  image: one(1, imageSpec),
})
export interface ImageFilter extends Given<typeof imageFilter> {}

export const authConfig = message('AuthConfig', {
  username: string(1),
  password: string(2),
  auth: string(3),
  serverAddress: string(4),
  identityToken: string(5),
  registryToken: string(6),
})
export interface AuthConfig extends Given<typeof authConfig> {}

const filesystemIdentifier = message('FilesystemIdentifier', {
  mountpoint: string(1),
})
export interface FilesystemIdentifier extends Decoded<typeof filesystemIdentifier> {}

export const filesystemUsage = message('FilesystemUsage', {
  timestamp: exactInt64(1),
  fsId: one(2, filesystemIdentifier),
  usedBytes: boxedUint64(3),
  inodesUsed: boxedUint64(4),
})
export interface FilesystemUsage extends Decoded<typeof filesystemUsage> {}
