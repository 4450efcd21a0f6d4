import { CBOR_SEQUENCE } from './cbor/media-type.ts'
import { PROTOBUF } from './protobuf/media-type.ts'
import type { WatchFormat } from './response.ts'

/** How the events of a watch are written whose answer has this content type. */
export function watchFormatOf(contentType: string): WatchFormat {
  if (contentType === CBOR_SEQUENCE) return 'cbor'
  return contentType.startsWith(PROTOBUF) ? 'protobuf' : 'json'
}
