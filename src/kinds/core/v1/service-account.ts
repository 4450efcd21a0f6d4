import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import { LocalObjectReference, ObjectReference } from './object-reference.ts'

const fields = {
  secrets: s
    .list(ObjectReference, {
      listType: 'map',
      listMapKeys: ['name'],
      patchStrategy: 'merge',
      patchMergeKey: 'name',
    })
    .optional(),
  imagePullSecrets: s.list(LocalObjectReference, { listType: 'atomic' }).optional(),
  automountServiceAccountToken: s.bool().optional().pointer(),
}

/** Of secrets only names count; what else a reference may say is not kept. */
function withNamesOfSecrets(account: ServiceAccount): ServiceAccount {
  if (account.secrets === undefined) return account
  return { ...account, secrets: account.secrets.map(({ name }) => ({ name })) }
}

/** An identity for what runs in pods. */
export const ServiceAccount = defineKind({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  scope: 'Namespaced',
  metadataRules: { onUpdate: 'both' },
  shortNames: ['sa'],
  subresources: [
    {
      name: 'token',
      verbs: ['create'],
      kind: 'TokenRequest',
      group: 'authentication.k8s.io',
      version: 'v1',
    },
  ],
  fields,
  prepareForCreate: withNamesOfSecrets,
  prepareForUpdate: withNamesOfSecrets,
  returnsDeletedObject: true,
  columns: [ageColumn],
})
export interface ServiceAccount extends StoredObject<typeof fields, 'Namespaced'> {}
