import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { STATUS_KEEPS_METADATA } from '../../../machinery/metadata-rules.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import { PersistentVolumeSpec } from '../../core/v1/persistent-volume-spec.ts'
import { validateAttachment, validateAttachmentUpdate } from './volume-attachment-validation.ts'

/** The volume to attach. */
export const VolumeAttachmentSource = s.struct('storage.v1.VolumeAttachmentSource', {
  persistentVolumeName: s.string().optional().pointer(),
  inlineVolumeSpec: PersistentVolumeSpec.optional(),
})
export interface VolumeAttachmentSource extends Infer<typeof VolumeAttachmentSource> {}

/** What is attached where, and by whom. */
export const VolumeAttachmentSpec = s.struct('storage.v1.VolumeAttachmentSpec', {
  attacher: s.string(),
  source: VolumeAttachmentSource,
  nodeName: s.string(),
})
export interface VolumeAttachmentSpec extends Infer<typeof VolumeAttachmentSpec> {}

/** What went wrong with a volume, and when. */
export const VolumeError = s.struct('storage.v1.VolumeError', {
  time: s.time().orNull(),
  message: s.string().optional(),
  errorCode: s.int32().optional().pointer(),
})
export interface VolumeError extends Infer<typeof VolumeError> {}

/** Whether the volume is attached, or why not. */
export const VolumeAttachmentStatus = s.struct('storage.v1.VolumeAttachmentStatus', {
  attached: s.bool(),
  attachmentMetadata: s.map(s.string()).optional(),
  attachError: VolumeError.optional(),
  detachError: VolumeError.optional(),
})
export interface VolumeAttachmentStatus extends Infer<typeof VolumeAttachmentStatus> {}

const fields = {
  spec: VolumeAttachmentSpec,
  status: VolumeAttachmentStatus.present(),
}

/** Attaches a volume to a node. */
export const VolumeAttachment = defineKind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttachment',
  plural: 'volumeattachments',
  scope: 'Cluster',
  metadataRules: { ...STATUS_KEEPS_METADATA, onUpdate: 'new', onStatusUpdate: 'new' },
  allowsUnconditionalUpdate: false,
  fields,
  returnsDeletedObject: true,
  hasGeneration: false,
  validate: validateAttachment,
  validateUpdate: validateAttachmentUpdate,
  validateStatusUpdate: validateAttachmentUpdate,
  columns: [
    { name: 'Attacher', type: 'string', format: 'name', of: ({ spec }) => spec.attacher },
    { name: 'PV', type: 'string', of: ({ spec }) => spec.source.persistentVolumeName ?? '' },
    { name: 'Node', type: 'string', of: ({ spec }) => spec.nodeName },
    { name: 'Attached', type: 'boolean', of: ({ status }) => status.attached },
    ageColumn,
  ],
})
export interface VolumeAttachment extends StoredObject<typeof fields, 'Cluster'> {}
