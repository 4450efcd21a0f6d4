interface Claim {
  readonly metadata: { readonly deletionTimestamp?: string | undefined }
  readonly status: {
    readonly allocation?: unknown
    readonly reservedFor?: readonly unknown[] | undefined
  }
}

/** Where a claim stands, for the column: pending, allocated, reserved, deleted. */
export function claimState({ metadata, status }: Claim): string {
  const isDeleted = metadata.deletionTimestamp !== undefined
  const states = isDeleted ? ['deleted'] : []
  if (status.allocation === undefined) return [...states, ...(isDeleted ? [] : ['pending'])].join()
  const isReserved = (status.reservedFor ?? []).length > 0
  return [...states, 'allocated', ...(isReserved ? ['reserved'] : [])].join(',')
}
