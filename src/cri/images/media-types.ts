export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
export const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json'
export const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar'
export const OCI_LAYER_GZIP = 'application/vnd.oci.image.layer.v1.tar+gzip'
const OCI_LAYER_ZSTD = 'application/vnd.oci.image.layer.v1.tar+zstd'

/** A layer's type by its first bytes: archives do not say whether their layers are compressed. */
export function layerMediaType(head: Uint8Array): string {
  if (head[0] === 0x1f && head[1] === 0x8b) return OCI_LAYER_GZIP
  if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f) return OCI_LAYER_ZSTD
  return OCI_LAYER
}
