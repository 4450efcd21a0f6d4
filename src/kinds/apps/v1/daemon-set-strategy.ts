import { deepEqual } from '../../../machinery/deep-equal.ts'
import type { DaemonSet } from './daemon-set.ts'

/** Counts the changes of the template; the API has had no field for it since apps/v1. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation'

/**
 * Upstream's own form has a number in place of the annotation: an object that comes without is
 * given 0, which is its writer's, before the count is what it must be.
 */
export function withAnyTemplateGeneration(daemonSet: DaemonSet): DaemonSet {
  const isThere = daemonSet.metadata.annotations?.[TEMPLATE_GENERATION] !== undefined
  return isThere ? daemonSet : withTemplateGeneration(daemonSet, 0)
}

/** A new DaemonSet has its first template. */
export function prepareDaemonSetForCreate(daemonSet: DaemonSet): DaemonSet {
  return withTemplateGeneration(daemonSet, Math.max(templateGenerationOf(daemonSet), 1))
}

/** A changed template is counted, whatever the request says. */
export function prepareDaemonSetForUpdate(daemonSet: DaemonSet, old: DaemonSet): DaemonSet {
  const before = templateGenerationOf(old)
  const isSame = deepEqual(daemonSet.spec.template, old.spec.template)
  return withTemplateGeneration(daemonSet, isSame ? before : before + 1)
}

function templateGenerationOf({ metadata }: DaemonSet): number {
  const value = Number(metadata.annotations?.[TEMPLATE_GENERATION] ?? 0)
  return Number.isSafeInteger(value) ? value : 0
}

function withTemplateGeneration(daemonSet: DaemonSet, generation: number): DaemonSet {
  const { metadata } = daemonSet
  const annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: `${generation}` }
  return { ...daemonSet, metadata: { ...metadata, annotations } }
}
