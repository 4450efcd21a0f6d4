import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClusterTrustBundleAttest } from '../../src/apiserver/admission/cluster-trust-bundle-attest.ts'
import { admissionPlugins, objectSubresources } from '../../src/apiserver/compose.ts'
import { ServerRequest } from '../../src/apiserver/request.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import type { Client } from '../../src/client/client.ts'
import { CertificateSigningRequest } from '../../src/kinds/certificates/v1/certificate-signing-request.ts'
import { ClusterTrustBundle } from '../../src/kinds/certificates/v1beta1/cluster-trust-bundle.ts'
import { builtInKinds } from '../../src/kinds/index.ts'
import { ClusterRole } from '../../src/kinds/rbac/v1/cluster-role.ts'
import { ClusterRoleBinding } from '../../src/kinds/rbac/v1/cluster-role-binding.ts'
import type { Kind, KubeObject } from '../../src/machinery/kind.ts'
import type { StatusError } from '../../src/machinery/status-error.ts'
import { makeCertificateRequest } from '../support/certificate-requests.ts'
import { type SecuredApi, startSecuredApi } from '../support/secured-api.ts'

const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client'
const GROUP = 'certificates.k8s.io'
const NEVER = new AbortController().signal
/** The decision that `kubectl certificate approve` writes. */
const APPROVED = { type: 'Approved', status: 'True' as const, reason: 'Test' }

const startApi = () =>
  startSecuredApi(({ clock, resources, authorizer }) => ({
    admissionPlugins: admissionPlugins(
      resources,
      { clock, random: seededRandom(1), logger: silentLogger },
      authorizer,
    ),
    subresources: objectSubresources(builtInKinds),
  }))

/** A user who may write the objects, and use the signers that are named. */
async function userWith(
  { admin, as }: SecuredApi,
  name: string,
  signers: readonly { readonly verb: string; readonly signer: string }[],
): Promise<Client> {
  await admin.create(ClusterRole, {
    metadata: { name },
    rules: [
      { apiGroups: [GROUP], resources: ['*'], verbs: ['get', 'create', 'update', 'patch'] },
      ...signers.map(({ verb, signer }) => ({
        apiGroups: [GROUP],
        resources: ['signers'],
        resourceNames: [signer],
        verbs: [verb],
      })),
    ],
  })
  await admin.create(ClusterRoleBinding, {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }],
  })
  return as(name)
}

async function createRequest(
  client: Client,
  signerName: string,
  organizations: readonly string[] = [],
): Promise<CertificateSigningRequest> {
  const { request } = await makeCertificateRequest({ commonName: 'alice', organizations })
  return client.create(CertificateSigningRequest, {
    metadata: { name: 'alice' },
    spec: {
      signerName,
      request: Buffer.from(request).toString('base64'),
      usages: ['client auth', 'digital signature'],
    },
  })
}

async function messageOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason as StatusError,
  )
  return error?.message ?? 'no error'
}

const approve = (client: Client, { metadata }: CertificateSigningRequest) =>
  client.patch(
    CertificateSigningRequest,
    { name: metadata.name },
    'application/merge-patch+json',
    { status: { conditions: [APPROVED] } },
    { subresource: 'approval' },
  )

test('an approval needs the right for the signer, or for its domain', async () => {
  using api = await startApi()
  const request = await createRequest(api.admin, 'example.com/a')
  const none = await userWith(api, 'none', [{ verb: 'approve', signer: 'example.com/b' }])
  const all = await userWith(api, 'all', [{ verb: 'approve', signer: 'example.com/*' }])
  assert.equal(
    await messageOf(approve(none, request)),
    'certificatesigningrequests.certificates.k8s.io "alice" is forbidden: user not permitted to ' +
      'approve requests with signerName "example.com/a"',
  )
  assert.equal(await messageOf(approve(all, request)), 'no error')
})

test('a certificate is written by who may sign', async () => {
  using api = await startApi()
  const created = await createRequest(api.admin, 'example.com/a')
  const approved = await approve(api.admin, created)
  const none = await userWith(api, 'none', [{ verb: 'approve', signer: 'example.com/a' }])
  const signer = await userWith(api, 'signer', [{ verb: 'sign', signer: 'example.com/a' }])
  const failed = { type: 'Failed', status: 'True' as const, reason: 'Test' }
  const fail = (client: Client) =>
    client.updateStatus(CertificateSigningRequest, {
      ...approved,
      status: { conditions: [...(approved.status.conditions ?? []), failed] },
    })
  assert.equal(
    await messageOf(fail(none)),
    'certificatesigningrequests.certificates.k8s.io "alice" is forbidden: user not permitted to ' +
      'sign requests with signerName "example.com/a"',
  )
  assert.equal(await messageOf(none.updateStatus(CertificateSigningRequest, approved)), 'no error')
  assert.equal(await messageOf(fail(signer)), 'no error')
})

test('nobody gets a certificate of the group that may do everything', async () => {
  using api = await startApi()
  const create = (signerName: string) =>
    messageOf(createRequest(api.admin, signerName, ['dev', 'system:masters']))
  assert.equal(
    await create(CLIENT_SIGNER),
    'certificatesigningrequests.certificates.k8s.io "alice" is forbidden: use of ' +
      'kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
  )
  assert.equal(await create('example.com/a'), 'no error')
})

test('who publishes the roots of a signer may attest for it', async () => {
  using api = await startApi()
  await userWith(api, 'none', [])
  await userWith(api, 'attester', [{ verb: 'attest', signer: 'example.com/a' }])
  const plugin = new ClusterTrustBundleAttest(api.authorizer)
  const write = (name: string, object: object, oldObject?: object) =>
    messageOf(
      plugin.validate({
        operation: oldObject === undefined ? 'CREATE' : 'UPDATE',
        kind: ClusterTrustBundle as unknown as Kind,
        ...{ subresource: '', namespace: '', name: 'example.com:a:one', isDryRun: false },
        object: object as KubeObject,
        oldObject: oldObject as KubeObject | undefined,
        user: { name, groups: ['system:authenticated'] },
        request: new ServerRequest({ ...{ method: 'POST', url: '/' }, signal: NEVER }),
      }),
    )
  const metadata = { name: 'example.com:a:one', labels: {} }
  const bundle = { metadata, spec: { signerName: 'example.com/a', trustBundle: 'pem' } }
  assert.equal(
    await write('none', bundle),
    'clustertrustbundles.certificates.k8s.io "example.com:a:one" is forbidden: user not ' +
      'permitted to attest for signerName "example.com/a"',
  )
  assert.equal(await write('attester', bundle), 'no error')
  assert.equal(await write('none', { metadata, spec: { trustBundle: 'pem' } }), 'no error')
  const finalizers = ['example.com/f']
  const collected = { ...bundle, metadata: { ...metadata, finalizers } }
  assert.equal(await write('none', collected, bundle), 'no error')
  const labelled = { ...bundle, metadata: { ...metadata, labels: { a: 'b' } } }
  assert.match(await write('none', labelled, bundle), /not permitted to attest/)
})
