import type { Eventual } from '../../base/eventual.ts'
import { Ingress } from '../../kinds/networking/v1/ingress.ts'
import type { IngressClass } from '../../kinds/networking/v1/ingress-class.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from './admission.ts'
import { isMainResource } from './main-resource.ts'
import { newestDefault } from './newest-default.ts'

/** All ingress classes as of now. */
export type ListIngressClasses = () => Eventual<readonly IngressClass[]>

/** How ingresses named their class before there was a field. */
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class'
const DEFAULT_ANNOTATIONS = ['ingressclass.kubernetes.io/is-default-class']

/** An ingress that names no class gets the default one. */
export class DefaultIngressClass implements AdmissionPlugin {
  readonly name = 'DefaultIngressClass'
  readonly operations: readonly Operation[] = ['CREATE']
  readonly resources: readonly string[] = ['networking.k8s.io/ingresses']
  readonly #list: ListIngressClasses

  constructor(list: ListIngressClasses) {
    this.#list = list
  }

  async mutate(attributes: AdmissionAttributes): Promise<KubeObject | undefined> {
    if (!isMainResource(attributes, Ingress)) return undefined
    const ingress = attributes.object as Ingress
    if (ingress.spec.ingressClassName !== undefined) return undefined
    if (ingress.metadata.annotations?.[CLASS_ANNOTATION] !== undefined) return undefined
    const found = newestDefault(await this.#list(), DEFAULT_ANNOTATIONS)
    if (found === undefined) return undefined
    const spec = { ...ingress.spec, ingressClassName: found.metadata.name }
    return { ...ingress, spec } as KubeObject
  }
}
