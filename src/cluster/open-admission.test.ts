import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createTestServer } from '../../test/support/api-server.ts'
import { privilegedGroupAuthorizer } from '../apiserver/authorization/authorizer.ts'
import { systemFileSystem } from '../base/file-system.ts'
import { silentLogger } from '../base/logger.ts'
import { seededRandom } from '../base/random.ts'
import { enabledAdmission, openAdmission } from './open-admission.ts'

const HEAD = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\n'
const OWN =
  'apiVersion: pod-security.admission.config.k8s.io/v1\nkind: PodSecurityConfiguration\n' +
  'defaults: {enforce: baseline}\n'

test('the configuration is read, with the files beside it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wherry-admission-'))
  try {
    const path = join(folder, 'admission.yaml')
    const read = () => openAdmission({ admissionControlConfigFile: path }, systemFileSystem)
    await writeFile(path, `${HEAD}plugins: [{name: PodSecurity, path: own.yaml}]`)
    await assert.rejects(read(), /admission\.yaml: ENOENT: .*own\.yaml/)
    await writeFile(join(folder, 'own.yaml'), OWN)
    const { configuration } = await read()
    assert.equal(configuration.podSecurity.defaults.enforce.level, 'baseline')
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('the plugins that upstream has on are there in its order, unless switched off', async () => {
  const { resources, clock, close } = await createTestServer()
  const ports = { clock, random: seededRandom(1), logger: silentLogger }
  const settings = await openAdmission(
    { disableAdmissionPlugins: ['LimitRanger', 'NodeRestriction'] },
    systemFileSystem,
  )
  const namesWith = (given: typeof settings | undefined) =>
    enabledAdmission(resources, ports, privilegedGroupAuthorizer, given).map(({ name }) => name)
  assert.deepEqual(namesWith(undefined), [
    ...['NamespaceLifecycle', 'LimitRanger', 'ServiceAccount', 'NodeRestriction'],
    ...['TaintNodesByCondition', 'PodSecurity', 'Priority', 'DefaultTolerationSeconds'],
    ...['DefaultStorageClass', 'StorageObjectInUseProtection', 'PersistentVolumeClaimResize'],
    ...['RuntimeClass', 'CertificateApproval', 'CertificateSigning', 'ClusterTrustBundleAttest'],
    ...['CertificateSubjectRestriction', 'DefaultIngressClass', 'PodTopologyLabels'],
    ...['PodGroupWorkloadExists', 'NodeDeclaredFeatureValidator'],
    ...['PodResizeValidator', 'MutatingAdmissionPolicy', 'MutatingAdmissionWebhook'],
    ...['ValidatingAdmissionPolicy', 'ValidatingAdmissionWebhook', 'ResourceQuota'],
  ])
  const some = namesWith(settings)
  assert.equal(some.length, namesWith(undefined).length - 2)
  assert.ok(!some.includes('LimitRanger'))
  close()
})
