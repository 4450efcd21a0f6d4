/** What is stored about a revision beside its value. */
export interface RevisionRecord {
  readonly key: string
  readonly isDeleted: boolean
  readonly createRevision: number
  readonly version: number
  readonly expiryTime: number
}

const KEY_OFFSET = 25

/** One byte (1: a deletion), createRevision, version, expiryTime as doubles, the key in UTF-8. */
export function encodeRecord(record: RevisionRecord): Uint8Array {
  const bytes = Buffer.allocUnsafe(KEY_OFFSET + Buffer.byteLength(record.key))
  bytes[0] = record.isDeleted ? 1 : 0
  bytes.writeDoubleBE(record.createRevision, 1)
  bytes.writeDoubleBE(record.version, 9)
  bytes.writeDoubleBE(record.expiryTime, 17)
  bytes.write(record.key, KEY_OFFSET)
  return bytes
}

/** Reads what `encodeRecord` wrote. */
export function decodeRecord(bytes: Buffer): RevisionRecord {
  return {
    key: bytes.toString('utf8', KEY_OFFSET),
    isDeleted: bytes[0] === 1,
    createRevision: bytes.readDoubleBE(1),
    version: bytes.readDoubleBE(9),
    expiryTime: bytes.readDoubleBE(17),
  }
}
