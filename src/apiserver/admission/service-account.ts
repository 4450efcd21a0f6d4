import { type Clock, sleep } from '../../base/clock.ts'
import { andThen, type Eventual } from '../../base/eventual.ts'
import { type Random, randomSuffix } from '../../base/random.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { ServiceAccount as ServiceAccountObject } from '../../kinds/core/v1/service-account.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { notFound } from '../../machinery/status-error.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from './admission.ts'
import { podOf, refuse } from './pods.ts'
import { secretReferenceProblem } from './service-account-secrets.ts'
import { withTokenVolume } from './service-account-token-volume.ts'

const DEFAULT_NAME = 'default'
const MIRROR_POD = 'kubernetes.io/config.mirror'
const ENFORCE_SECRETS = 'kubernetes.io/enforce-mountable-secrets'
/** The controller makes the default account of a new namespace; a pod may come sooner. */
const DEFAULT_ATTEMPTS = 10

/** Finds a service account as of now; undefined where there is none. */
export type FindServiceAccount = (
  namespace: string,
  name: string,
) => Eventual<ServiceAccountObject | undefined>

export interface ServiceAccountOptions {
  readonly find: FindServiceAccount
  readonly clock: Clock
  readonly random: Random
}

/** Gives each pod its service account, with the account's token and pull secrets. */
export class ServiceAccount implements AdmissionPlugin {
  readonly name = 'ServiceAccount'
  readonly operations: readonly Operation[] = ['CREATE']
  readonly resources: readonly string[] = ['/pods']
  readonly #options: ServiceAccountOptions

  constructor(options: ServiceAccountOptions) {
    this.#options = options
  }

  mutate(attributes: AdmissionAttributes): Eventual<KubeObject | undefined> {
    const given = podOf(attributes)
    if (given === undefined || isMirrorPod(given)) return undefined
    const serviceAccountName = given.spec.serviceAccountName || DEFAULT_NAME
    return andThen(this.#accountOf(attributes, serviceAccountName), (account) =>
      this.#withAccount(given, account, serviceAccountName),
    )
  }

  validate(attributes: AdmissionAttributes): Eventual<void> {
    const pod = podOf(attributes)
    if (pod === undefined) return
    if (isMirrorPod(pod)) {
      const problem = mirrorPodProblem(pod)
      if (problem !== undefined) throw refuse(attributes, problem)
      return
    }
    const { serviceAccountName = '' } = pod.spec
    if (serviceAccountName === '') {
      const key = `${attributes.namespace}/${pod.metadata.name}`
      throw refuse(attributes, `no service account specified for pod ${key}`)
    }
    return andThen(this.#accountOf(attributes, serviceAccountName), (account) => {
      if (!isEnforcing(account)) return
      const problem = secretReferenceProblem(account, pod)
      if (problem !== undefined) throw refuse(attributes, problem)
    })
  }

  #withAccount(given: Pod, account: ServiceAccountObject, serviceAccountName: string): KubeObject {
    let spec: Pod['spec'] = {
      ...given.spec,
      serviceAccountName,
      serviceAccount: serviceAccountName,
    }
    const mounts = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true
    if (mounts) spec = withTokenVolume(spec, () => randomSuffix(this.#options.random))
    const { imagePullSecrets = [] } = account
    if ((spec.imagePullSecrets ?? []).length === 0 && imagePullSecrets.length > 0) {
      spec = { ...spec, imagePullSecrets }
    }
    return { ...given, spec } as KubeObject
  }

  #accountOf(attributes: AdmissionAttributes, name: string): Eventual<ServiceAccountObject> {
    return andThen(
      this.#options.find(attributes.namespace, name),
      (account) => account ?? this.#awaitAccount(attributes, name),
    )
  }

  async #awaitAccount(
    attributes: AdmissionAttributes,
    name: string,
  ): Promise<ServiceAccountObject> {
    const { find, clock, random } = this.#options
    const { namespace, request } = attributes
    const attempts = name === DEFAULT_NAME ? DEFAULT_ATTEMPTS : 1
    const intervalMs = 100 + random.next() * 100
    for (let attempt = 1; attempt < attempts; attempt++) {
      await sleep(clock, intervalMs, request.signal)
      const account = await find(namespace, name)
      if (account !== undefined) return account
    }
    const { message } = notFound({ group: '', plural: 'serviceaccount' }, name)
    throw refuse(attributes, `error looking up service account ${namespace}/${name}: ${message}`)
  }
}

function isEnforcing({ metadata }: ServiceAccountObject): boolean {
  const text = metadata.annotations?.[ENFORCE_SECRETS]
  return text !== undefined && ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)
}

/** The image in the API of a static pod, which a kubelet runs without asking. */
function isMirrorPod({ metadata }: Pod): boolean {
  return metadata.annotations?.[MIRROR_POD] !== undefined
}

/** A static pod cannot have what its kubelet would have to ask for. */
function mirrorPodProblem({ spec }: Pod): string | undefined {
  const { serviceAccountName = '', volumes = [], containers, initContainers = [] } = spec
  if (serviceAccountName !== '') return 'a mirror pod may not reference service accounts'
  const all = [...initContainers, ...containers]
  const hasSecret =
    volumes.some(({ secret, projected }) => {
      const sources = projected?.sources ?? []
      return secret !== undefined || sources.some((source) => source.secret !== undefined)
    }) ||
    (spec.imagePullSecrets ?? []).length > 0 ||
    all.some(
      ({ env = [], envFrom = [] }) =>
        env.some(({ valueFrom }) => valueFrom?.secretKeyRef !== undefined) ||
        envFrom.some(({ secretRef }) => secretRef !== undefined),
    )
  if (hasSecret) return 'a mirror pod may not reference secrets'
  const hasToken = volumes.some(({ projected }) =>
    (projected?.sources ?? []).some((source) => source.serviceAccountToken !== undefined),
  )
  return hasToken ? 'a mirror pod may not use ServiceAccountToken volume projections' : undefined
}
