import {
  FieldSelector,
  FieldSelectorError,
  parseFieldSelector,
} from '../../machinery/field-selector.ts'
import type { Kind, KubeObject } from '../../machinery/kind.ts'
import { exactValueOf, SelectorError } from '../../machinery/label-requirement.ts'
import { parseLabelSelector, Selector } from '../../machinery/label-selector.ts'
import { badRequest } from '../../machinery/status-error.ts'
import type { IndexKey, Selection } from '../registry/selection.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import type { ServerRequest } from '../request.ts'

type Read = (object: KubeObject) => string

/** The fields that objects of most kinds can be selected by. */
const NAME_READER: Readonly<Record<string, Read>> = {
  'metadata.name': ({ metadata }) => metadata.name,
}
const META_READERS: Readonly<Record<string, Read>> = {
  ...NAME_READER,
  'metadata.namespace': ({ metadata }) => metadata.namespace ?? '',
}

/** Upstream left the namespace out of this kind's fields, though it has one. */
const WITHOUT_NAMESPACE = 'PodCertificateRequest'

/** The objects that a list, watch or collection request is about; 400 for a wrong selector. */
export function readSelection(request: ServerRequest, resource: ServedResource): Selection {
  const { query, info } = request
  const labels = readLabelSelector(query.get('labelSelector') ?? '')
  const fields = readFieldSelector(query.get('fieldSelector') ?? '')
  const readers = fieldReaders(resource)
  const unknown = fields.unknownField(readers)
  if (unknown !== undefined) throw badRequest(unknownFieldText(resource.kind, unknown))
  const name = fields.exactValue('metadata.name') ?? info.name
  if (info.name !== '' && name !== info.name) {
    throw badRequest("fieldSelector metadata.name doesn't match requested name")
  }
  const namespace = resource.store.isNamespaced ? info.namespace : ''
  return {
    namespace: namespace === '' ? (fields.exactValue('metadata.namespace') ?? '') : namespace,
    name,
    predicate: predicateOf(labels, fields, readers),
    indexKey: name === '' ? chooseIndex(resource, labels, fields, readers) : undefined,
  }
}

/** What label and field selectors demand of a kind that is answered without being stored. */
export function readSelector(
  { query }: ServerRequest,
  kind: Kind,
): (object: KubeObject) => boolean {
  const labels = readLabelSelector(query.get('labelSelector') ?? '')
  const fields = readFieldSelector(query.get('fieldSelector') ?? '')
  const unknown = fields.unknownField(META_READERS)
  if (unknown !== undefined) throw badRequest(unknownFieldText(kind, unknown))
  return predicateOf(labels, fields, META_READERS) ?? (() => true)
}

function readLabelSelector(text: string): Selector {
  try {
    return text === '' ? Selector.everything : parseLabelSelector(text)
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error
    throw badRequest(error.message)
  }
}

function readFieldSelector(text: string): FieldSelector {
  try {
    return text === '' ? FieldSelector.everything : parseFieldSelector(text)
  } catch (error) {
    if (!(error instanceof FieldSelectorError)) throw error
    throw badRequest(error.message)
  }
}

/** By the fields of the version that is asked for, whatever the stored one calls them. */
function fieldReaders(resource: ServedResource): Readonly<Record<string, Read>> {
  const own = (resource.kind.selectableFields ?? {}) as Readonly<Record<string, Read>>
  const readers = resource.isStoredVersion
    ? own
    : Object.fromEntries(
        Object.entries(own).map(([field, read]) => [
          field,
          (object: KubeObject) => read(resource.fromStored(object)),
        ]),
      )
  return { ...readers, ...metaReadersOf(resource.kind) }
}

/** Kinds that name their fields have a namespace among them only where objects are in one. */
function metaReadersOf({ selectableFields, scope, kind }: Kind): Readonly<Record<string, Read>> {
  const hasNamespace =
    selectableFields === undefined || (scope === 'Namespaced' && kind !== WITHOUT_NAMESPACE)
  return hasNamespace ? META_READERS : NAME_READER
}

/** Upstream has one text for most kinds with fields of their own, and one for all others. */
function unknownFieldText({ selectableFields, apiVersion, kind }: Kind, field: string): string {
  if (selectableFields === undefined) {
    const known = 'only "metadata.name", "metadata.namespace"'
    return `${JSON.stringify(field)} is not a known field selector: ${known}`
  }
  if (kind === 'Job') return `field label ${JSON.stringify(field)} not supported for Job`
  const where = kind === 'ResourceSlice' ? ` for ${apiVersion}, Kind=${kind}` : ''
  return `field label not supported${where}: ${field}`
}

function predicateOf(
  labels: Selector,
  fields: FieldSelector,
  readers: Readonly<Record<string, Read>>,
): ((object: KubeObject) => boolean) | undefined {
  const testFields = fields.isEverything ? undefined : fields.compile(readers)
  if (labels.isEverything) return testFields
  if (testFields === undefined) return ({ metadata }) => labels.matches(metadata.labels)
  return (object) => labels.matches(object.metadata.labels) && testFields(object)
}

/** An index that holds every object that can match: by a field first, since those select best. */
function chooseIndex(
  { kind, store: { cache } }: ServedResource,
  labels: Selector,
  fields: FieldSelector,
  readers: Readonly<Record<string, Read>>,
): IndexKey | undefined {
  for (const { field, operator, value } of fields.requirements) {
    const read = readers[field]
    if (operator !== '=' || value === '' || field.startsWith('metadata.')) continue
    if (read === undefined) continue
    const index = `field ${kind.apiVersion} ${field}`
    cache.ensureIndex(index, (object) => [read(object)])
    return { index, value }
  }
  for (const requirement of labels.requirements) {
    const value = exactValueOf(requirement)
    if (value === undefined) continue
    const index = cache.ensureLabelIndex(requirement.key)
    if (index !== undefined) return { index, value }
  }
  return undefined
}
