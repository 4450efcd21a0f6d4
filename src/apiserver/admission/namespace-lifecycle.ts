import { andThen, type Eventual } from '../../base/eventual.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { forbiddenError, notFound, StatusError } from '../../machinery/status-error.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from './admission.ts'

/** Finds a namespace as of now; undefined where there is none. */
export type FindNamespace = (name: string) => Eventual<KubeObject | undefined>

const IMMORTAL: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public'])
const NAMESPACES = { group: '', plural: 'namespaces' }

/** Nothing is created in a namespace that does not exist or ends; three namespaces never end. */
export class NamespaceLifecycle implements AdmissionPlugin {
  readonly name = 'NamespaceLifecycle'
  readonly operations: readonly Operation[] = ['CREATE', 'UPDATE', 'DELETE']
  readonly #find: FindNamespace

  constructor(find: FindNamespace) {
    this.#find = find
  }

  mutate(attributes: AdmissionAttributes): Eventual<undefined> {
    const { operation, kind, name, namespace } = attributes
    if (kind.group === '' && kind.kind === 'Namespace') {
      if (operation !== 'DELETE' || !IMMORTAL.has(name)) return
      throw forbiddenError(NAMESPACES, name, 'this namespace may not be deleted')
    }
    if (namespace === '' || operation === 'DELETE') return
    if (kind.group === 'authorization.k8s.io') return // The answer would tell whether it exists.
    return andThen(this.#find(namespace), (found): undefined => {
      if (found === undefined) throw notFound(NAMESPACES, namespace)
      if (operation === 'CREATE' && isTerminating(found)) throw terminatingError(attributes)
    })
  }
}

function isTerminating(namespace: KubeObject): boolean {
  const { status } = namespace as KubeObject & { readonly status?: { readonly phase?: string } }
  return status?.phase === 'Terminating'
}

/** Named is the resource of the path, which a subresource's object may not be of. */
function terminatingError({ kind, object, namespace, request }: AdmissionAttributes): StatusError {
  const { info } = request
  const named = info.subresource === '' ? kind : { group: info.group, plural: info.resource }
  const what = `unable to create new content in namespace ${namespace}`
  const why = `${what} because it is being terminated`
  const { generateName = '', name = generateName } = object?.metadata ?? {}
  const error = forbiddenError(named, name, why)
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  }
  const details = { ...error.details, causes: [cause] }
  return new StatusError('Forbidden', error.message, { details })
}
