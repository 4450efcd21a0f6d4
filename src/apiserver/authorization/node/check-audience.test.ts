import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startSecuredApi } from '../../../../test/support/secured-api.ts'
import { PersistentVolume } from '../../../kinds/core/v1/persistent-volume.ts'
import { PersistentVolumeClaim } from '../../../kinds/core/v1/persistent-volume-claim.ts'
import type { Pod } from '../../../kinds/core/v1/pod.ts'
import { CSIDriver } from '../../../kinds/storage/v1/csi-driver.ts'
import type { AdmissionAttributes } from '../../admission/admission.ts'
import { checkAudience } from './check-audience.ts'

const namespace = 'default'
const NOT_FOUND =
  'audience "vault" not found in pod spec volume, system:node:n1 is not authorized to request ' +
  'tokens for this audience'

test('an audience is that of a token or of the CSI driver of a volume of the pod', async () => {
  using api = await startSecuredApi()
  const user = { name: 'system:node:n1', groups: ['system:nodes'] }
  const attributes = { user, namespace, name: 'robot' } as unknown as AdmissionAttributes
  const why = (...volumes: readonly object[]) => {
    const pod = { metadata: { name: 'p', namespace }, spec: { volumes } } as unknown as Pod
    return checkAudience(['vault'], pod, attributes, api.resources, api.authorizer)
  }
  const missing = (text: string) => `error validating audience "vault": ${text}`
  const claimed = (claimName: string) => ({ name: 'c', persistentVolumeClaim: { claimName } })
  const csi = { name: 'i', csi: { driver: 'none.example.com' } }
  const inline = { name: 'f', azureFile: { shareName: 's', secretName: 's' } }
  assert.equal(await why({ name: 'e', emptyDir: {} }), NOT_FOUND)
  const noDriver = 'csidriver.storage.k8s.io "none.example.com" not found'
  assert.equal(await why(csi), missing(noDriver))
  const noClaim = 'persistentvolumeclaim "gone" not found'
  assert.equal(await why(csi, claimed('gone')), missing(`[${noDriver}, ${noClaim}]`))

  const accessModes = ['ReadWriteOnce'] as const
  const resources = { requests: { storage: '1Gi' } }
  const spec = { volumeName: 'disk', accessModes, resources }
  await api.admin.create(PersistentVolumeClaim, { metadata: { name: 'claim', namespace }, spec })
  assert.equal(await why(claimed('claim')), missing('persistentvolume "disk" not found'))
  const source = { azureFile: { shareName: 's', secretName: 's', secretNamespace: namespace } }
  await api.admin.create(PersistentVolume, {
    metadata: { name: 'disk' },
    spec: { accessModes, capacity: { storage: '1Gi' }, ...source },
  })
  const noFileDriver = missing('csidriver.storage.k8s.io "file.csi.azure.com" not found')
  for (const volume of [inline, claimed('claim')]) assert.equal(await why(volume), noFileDriver)
  await api.admin.create(CSIDriver, {
    metadata: { name: 'file.csi.azure.com' },
    spec: { tokenRequests: [{ audience: 'vault' }] },
  })
  for (const volume of [inline, claimed('claim')]) assert.equal(await why(csi, volume), undefined)
})
