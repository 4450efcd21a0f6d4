import { formatError } from '../../base/logger.ts'
import type { Client } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import type { PodTemplateSpec } from '../../kinds/core/v1/pod-template-spec.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { subdomainNameErrors } from '../../machinery/names.ts'
import type { OwnerReference } from '../../machinery/object-meta.ts'
import { isReason, StatusError } from '../../machinery/status-error.ts'

/** Creates and deletes pods on behalf of their owner, and tells of it in the owner's events. */
export class PodControl {
  readonly #client: Client
  readonly #recorder: EventRecorder

  constructor(client: Client, recorder: EventRecorder) {
    this.#client = client
    this.#recorder = recorder
  }

  async create(
    template: PodTemplateSpec,
    owner: KubeObject,
    reference: OwnerReference,
    namePrefix?: string,
  ): Promise<Pod> {
    const draft = podFromTemplate(template, owner, reference, namePrefix)
    if (Object.keys(draft.metadata.labels ?? {}).length === 0) {
      throw new Error('unable to create pods, no labels')
    }
    try {
      const pod = await this.#client.create(Pod, draft)
      const { name } = pod.metadata
      this.#recorder.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${name}`)
      return pod
    } catch (error) {
      if (!isNamespaceTerminating(error)) {
        const message = `Error creating: ${formatError(error)}`
        this.#recorder.event(owner, 'Warning', 'FailedCreate', message)
      }
      throw error
    }
  }

  /** Throws NotFound where the pod is gone already. */
  async delete({ metadata: { namespace, name } }: Pod, owner: KubeObject): Promise<void> {
    try {
      await this.#client.delete(Pod, { namespace, name })
    } catch (cause) {
      if (isReason(cause, 'NotFound')) throw cause
      const message = formatError(cause)
      this.#recorder.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${message}`)
      throw new Error('unable to delete pods', { cause })
    }
    this.#recorder.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`)
  }
}

/** The namespace of a failed creation is going away: trying again is of no use. */
export function isNamespaceTerminating(error: unknown): boolean {
  if (!(error instanceof StatusError)) return false
  return error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') === true
}

/** A pod as a template asks for it, named after its owner. */
function podFromTemplate(
  { metadata: { labels, annotations, finalizers }, spec }: PodTemplateSpec,
  owner: KubeObject,
  reference: OwnerReference,
  namePrefix = podNamePrefix(owner.metadata.name),
) {
  return {
    metadata: {
      generateName: namePrefix,
      ...(owner.metadata.namespace !== undefined && { namespace: owner.metadata.namespace }),
      ...(labels !== undefined && { labels }),
      ...(annotations !== undefined && { annotations }),
      ...(finalizers !== undefined && { finalizers }),
      ownerReferences: [reference],
    },
    spec,
  }
}

/** With a dash behind the owner's name, unless that makes it too long. */
function podNamePrefix(name: string): string {
  const prefix = `${name}-`
  return subdomainNameErrors(prefix, true).length === 0 ? prefix : name
}
