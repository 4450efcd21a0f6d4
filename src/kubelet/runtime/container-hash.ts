const OFFSET = 0x811c9dc5
const PRIME = 0x01000193

/**
 * Changes with what makes a running container obsolete: its name and image, as upstream since
 * 1.31. The other fields of a container are immutable or applied without a restart.
 */
export function containerHash(container: {
  readonly name: string
  readonly image?: string | undefined
}): string {
  let hash = OFFSET
  for (const byte of Buffer.from(JSON.stringify([container.name, container.image ?? '']))) {
    hash = Math.imul(hash ^ byte, PRIME) >>> 0
  }
  return hash.toString(16)
}
