import type { CronJob } from '../../../kinds/batch/v1/cron-job.ts'
import type { PodTemplate } from '../../../kinds/core/v1/pod-template.ts'
import type { PodTemplateSpec } from '../../../kinds/core/v1/pod-template-spec.ts'
import type { KubeObject } from '../../../machinery/kind.ts'
import type { PodParts } from './check.ts'

type Extract = (object: KubeObject) => PodTemplateSpec | undefined

interface Templated extends KubeObject {
  readonly spec: { readonly template?: PodTemplateSpec }
}

const inSpec: Extract = (object) => (object as Templated).spec.template

/** Where the kinds that make pods keep their template, by `group/plural`. */
const TEMPLATES: ReadonlyMap<string, Extract> = new Map([
  ['/podtemplates', (object) => (object as PodTemplate).template],
  ['/replicationcontrollers', inSpec],
  ['apps/replicasets', inSpec],
  ['apps/deployments', inSpec],
  ['apps/statefulsets', inSpec],
  ['apps/daemonsets', inSpec],
  ['batch/jobs', inSpec],
  ['batch/cronjobs', (object) => (object as CronJob).spec.jobTemplate.spec.template],
])

/** The kinds that make pods, as `group/plural`. */
export const TEMPLATED: readonly string[] = [...TEMPLATES.keys()]

/** True for a kind that makes pods. */
export function hasTemplate({ group, plural }: { group: string; plural: string }): boolean {
  return TEMPLATES.has(`${group}/${plural}`)
}

/** The pods that such an object makes; undefined where it has no template. */
export function templateOf(
  { group, plural }: { readonly group: string; readonly plural: string },
  object: KubeObject,
): PodParts | undefined {
  const template = TEMPLATES.get(`${group}/${plural}`)?.(object)
  if (template === undefined) return undefined
  return { annotations: template.metadata?.annotations ?? {}, spec: template.spec }
}
