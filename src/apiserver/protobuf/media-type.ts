/** The media type of objects in protobuf. */
export const PROTOBUF = 'application/vnd.kubernetes.protobuf'
