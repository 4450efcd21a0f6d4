import type { Kind, KubeObject } from '../../machinery/kind.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import type { ServerRequest } from '../request.ts'
import { refuseTables } from '../verbs/negotiate.ts'
import { readObject } from '../verbs/read-object.ts'
import { withRequestNamespace } from '../verbs/write-context.ts'
import { readWriteOptions } from '../verbs/write-options.ts'

/**
 * What a POST to a subresource asks for, such as a Binding: its answer has no form of a Table, and
 * it is about the namespace of the path. `otherVersions` are apiVersions that it may name as well;
 * the object has that of its kind. Throws 406 and 400 in the order in which upstream finds them.
 */
export async function readCreation<T extends KubeObject>(
  request: ServerRequest,
  resource: ServedResource,
  kind: Kind<T>,
  otherVersions?: readonly string[],
): Promise<{ readonly object: T; readonly isDryRun: boolean }> {
  refuseTables(request, kind)
  const { isDryRun, fieldValidation } = readWriteOptions(request, 'CreateOptions')
  const any = kind as unknown as Kind
  const given = await readObject(request, any, fieldValidation, otherVersions)
  return { object: withRequestNamespace(given, request, resource) as T, isDryRun }
}
