import type { Namespace } from '../../kinds/core/v1/namespace.ts'
import { validateNamespaceFinalize } from '../../kinds/core/v1/namespace-validation.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { keepSystemFields } from '../registry/strategy.ts'
import type { SubresourceHandler } from '../verbs/dispatch.ts'
import { notAllowed } from '../verbs/routes.ts'
import { update } from '../verbs/update.ts'
import { checkBy } from '../verbs/validate.ts'

/** PUT to `namespaces/NAME/finalize`: says who has finished. The last one ends the namespace. */
export const namespaceFinalize: SubresourceHandler = (request, resource, context) => {
  if (request.info.verb !== 'update') throw notAllowed()
  return update(request, resource, context, {
    prepare: (_kind, given, old) => withFinalizers(given as Namespace, old as Namespace),
    check: checkBy(validateNamespaceFinalize),
    allowsCreate: false,
  })
}

function withFinalizers(given: Namespace, old: Namespace): KubeObject {
  const metadata = keepSystemFields(given.metadata, old.metadata)
  return { ...old, metadata, spec: given.spec } as KubeObject
}
