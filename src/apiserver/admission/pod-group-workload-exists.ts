import { PodGroup } from '../../kinds/scheduling/v1alpha2/pod-group.ts'
import type { Workload } from '../../kinds/scheduling/v1alpha2/workload.ts'
import { forbiddenError } from '../../machinery/status-error.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from './admission.ts'
import { isMainResource } from './main-resource.ts'

/** Finds a workload as of now; undefined where there is none. */
export type FindWorkload = (namespace: string, name: string) => Promise<Workload | undefined>

/** A group of pods that says of which template it is must say the truth. */
export class PodGroupWorkloadExists implements AdmissionPlugin {
  readonly name = 'PodGroupWorkloadExists'
  readonly operations: readonly Operation[] = ['CREATE']
  readonly resources: readonly string[] = [`${PodGroup.group}/${PodGroup.plural}`]
  readonly #find: FindWorkload

  constructor(find: FindWorkload) {
    this.#find = find
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const { object, namespace } = attributes
    if (object === undefined || !isMainResource(attributes, PodGroup)) return
    const reference = (object as PodGroup).spec.podGroupTemplateRef?.workload
    if (reference === undefined || reference === null) return
    const { workloadName = '', podGroupTemplateName: template = '' } = reference
    const workload = await this.#find(namespace, workloadName)
    const quoted = JSON.stringify(workloadName)
    const refuse = (why: string) =>
      forbiddenError(PodGroup, object.metadata.name, `PodGroup rejected: ${why}`)
    if (workload === undefined) throw refuse(`Workload ${quoted} not found`)
    if (workload.metadata.deletionTimestamp !== undefined) {
      throw refuse(`Workload ${quoted} is being deleted`)
    }
    const templates = workload.spec.podGroupTemplates ?? []
    if (templates.some(({ name }) => name === template)) return
    throw refuse(`PodGroupTemplate ${JSON.stringify(template)} not found in Workload ${quoted}`)
  }
}
