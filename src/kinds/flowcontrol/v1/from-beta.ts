import type { KubeObject } from '../../../machinery/kind.ts'

const SHARES = 30
/** By which v1beta3 tells a zero that is meant from one that is not. */
const KEEPS_ZERO = 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares'

interface FormerLimited {
  readonly assuredConcurrencyShares?: number
  readonly nominalConcurrencyShares?: number
}

/**
 * A level of a beta version as v1 has it: no shares meant the usual number of them, and the first
 * two versions had another name for it.
 */
export function priorityLevelFromBeta(stored: KubeObject): KubeObject {
  const { spec } = stored as KubeObject & { readonly spec?: { readonly limited?: FormerLimited } }
  const isLast = stored.apiVersion.endsWith('/v1beta3')
  const { [KEEPS_ZERO]: mark, ...others } = stored.metadata.annotations ?? {}
  const level = isLast && mark !== undefined ? withAnnotations(stored, others) : stored
  if (!spec?.limited) return level
  const { assuredConcurrencyShares, nominalConcurrencyShares, ...rest } = spec.limited
  const shares = assuredConcurrencyShares || nominalConcurrencyShares || 0
  const isMeant = shares !== 0 || level !== stored
  const limited = { ...rest, nominalConcurrencyShares: isMeant ? shares : SHARES }
  const changed = { ...level, spec: { ...spec, limited } }
  return changed
}

function withAnnotations(
  object: KubeObject,
  annotations: Readonly<Record<string, string>>,
): KubeObject {
  const { annotations: _, ...metadata } = object.metadata
  const isEmpty = Object.keys(annotations).length === 0
  return { ...object, metadata: isEmpty ? metadata : { ...metadata, annotations } }
}
