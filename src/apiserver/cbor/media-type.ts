/** The media type of objects in CBOR. */
export const CBOR = 'application/cbor'

/** That of objects one after the other, as the events of a watch are. */
export const CBOR_SEQUENCE = 'application/cbor-seq'
