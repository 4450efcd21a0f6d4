import { andThen, type Eventual } from '../../base/eventual.ts'
import type { Node } from '../../kinds/core/v1/node.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from './admission.ts'
import { isMainResource, isSubresource } from './main-resource.ts'
import { refuse } from './pods.ts'

/** Features that a change of a running pod may need of its node: its name, and when it does. */
const FEATURES: readonly (readonly [name: string, isNeeded: (pod: Pod, old: Pod) => boolean])[] = [
  [
    'InPlacePodLevelResourcesVerticalScaling',
    ({ spec }, old) => !deepEqual(spec.resources, old.spec.resources),
  ],
  [
    'InPlacePodVerticalScalingInitContainers',
    ({ spec }, old) =>
      (old.spec.initContainers ?? []).some(
        ({ restartPolicy, resources }, index) =>
          restartPolicy !== 'Always' &&
          !deepEqual(resources, spec.initContainers?.[index]?.resources),
      ),
  ],
]

/** A pod that has a node changes only in ways that its node has declared that it knows. */
export class NodeDeclaredFeatureValidator implements AdmissionPlugin {
  readonly name = 'NodeDeclaredFeatureValidator'
  readonly operations: readonly Operation[] = ['UPDATE']
  readonly resources: readonly string[] = ['/pods']
  readonly #find: (name: string) => Eventual<Node | undefined>

  constructor(find: (name: string) => Eventual<Node | undefined>) {
    this.#find = find
  }

  validate(attributes: AdmissionAttributes): Eventual<void> {
    const isPod = isMainResource(attributes, Pod) || isSubresource(attributes, Pod, 'resize')
    if (!isPod) return
    const pod = attributes.object as Pod
    const old = attributes.oldObject as Pod
    const { nodeName = '' } = pod.spec
    if (nodeName === '' || old.metadata.generation === pod.metadata.generation) return
    const needed = FEATURES.filter(([, isNeeded]) => isNeeded(pod, old)).map(([name]) => name)
    if (needed.length === 0) return
    return andThen(this.#find(nodeName), (node) => {
      if (node === undefined) throw refuse(attributes, `node "${nodeName}" not found`)
      const { declaredFeatures = [] } = node.status
      const missing = needed.filter((name) => !declaredFeatures.includes(name))
      if (missing.length === 0) return
      const what = `pod update requires features ${missing.join(', ')}`
      throw refuse(attributes, `${what} which are not available on node "${nodeName}"`)
    })
  }
}
