import {
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  required,
  tooLong,
} from '../../../machinery/field-error.ts'
import { rangeErrors, subdomainNameErrors } from '../../../machinery/names.ts'
import { invalids, validateImmutable } from '../../../machinery/validate-object-meta.ts'
import { validateAccessModes } from '../../core/v1/persistent-volume-claim-validation.ts'
import type { PersistentVolumeSpec } from '../../core/v1/persistent-volume-spec.ts'
import { validateDriverName } from './csi-driver-name.ts'
import type { VolumeAttachment, VolumeAttachmentSource, VolumeError } from './volume-attachment.ts'

const MOST_METADATA_BYTES = 256 * 1024
const MOST_MESSAGE_BYTES = 1024
const MOST_INT32 = 2 ** 31 - 1
const INLINE = 'in the context of inline volumes'

/** One volume, by name or in full, on one node. */
export function* validateAttachment(
  { spec, status }: VolumeAttachment,
  path: FieldPath,
): FieldErrors {
  const specPath = path.child('spec')
  yield* validateDriverName(spec.attacher, specPath.child('attacher'))
  const sourcePath = specPath.child('source')
  yield* validateSource(spec.source, sourcePath)
  const nodeReasons = subdomainNameErrors(spec.nodeName, false)
  yield* invalids(specPath.child('nodeName'), spec.nodeName, nodeReasons)
  const statusPath = path.child('status')
  const texts = Object.entries(status.attachmentMetadata ?? {}).flat()
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  if (bytes > MOST_METADATA_BYTES) {
    yield tooLong(statusPath.child('attachmentMetadata'), MOST_METADATA_BYTES)
  }
  yield* validateError(status.attachError, statusPath.child('attachError'))
  yield* validateError(status.detachError, statusPath.child('detachError'))
  const { persistentVolumeName: name } = spec.source
  if (name === undefined) return
  yield* invalids(sourcePath.child('persistentVolumeName'), name, subdomainNameErrors(name, false))
}

/** An attachment is made anew for another volume or node. */
export function* validateAttachmentUpdate(
  attachment: VolumeAttachment,
  old: VolumeAttachment,
  path: FieldPath,
): FieldErrors {
  yield* validateAttachment(attachment, path)
  yield* validateImmutable(attachment.spec, old.spec, path.child('spec'))
}

function* validateSource(source: VolumeAttachmentSource, path: FieldPath): FieldErrors {
  const { inlineVolumeSpec: inline, persistentVolumeName: name } = source
  const exactly = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'
  if (inline === undefined && name === undefined) yield required(path, exactly)
  else if (inline !== undefined && name !== undefined) yield forbidden(path, exactly)
  else if (inline !== undefined) yield* validateInline(inline, path.child('inlineVolumeSpec'))
  else if (name === '') {
    const why = 'must specify non empty persistentVolumeName'
    yield required(path.child('persistentVolumeName'), why)
  }
}

/** A volume that comes from a pod has no claim and no size. */
function* validateInline(spec: PersistentVolumeSpec, path: FieldPath): FieldErrors {
  const { claimRef, capacity = {}, csi, accessModes = [] } = spec
  if (claimRef !== undefined) {
    yield forbidden(path.child('claimRef'), `may not be specified ${INLINE}`)
  }
  if (Object.keys(capacity).length > 0) {
    yield forbidden(path.child('capacity'), `may not be specified ${INLINE}`)
  }
  if (csi === undefined) yield required(path.child('csi'), `has to be specified ${INLINE}`)
  if (accessModes.length === 0) yield required(path.child('accessModes'))
  yield* validateAccessModes(accessModes, path.child('accessModes'))
}

function* validateError(error: VolumeError | undefined, path: FieldPath): FieldErrors {
  if (error === undefined) return
  const { message = '', errorCode = 0 } = error
  if (Buffer.byteLength(message) > MOST_MESSAGE_BYTES) {
    // Upstream names the bound of the metadata here.
    yield tooLong(path.child('message'), MOST_METADATA_BYTES)
  }
  for (const reason of rangeErrors(errorCode, 0, MOST_INT32)) {
    yield invalid(path.child('errorCode'), errorCode, reason)
  }
}
