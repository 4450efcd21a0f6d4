import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { ClientCertificateAuthenticator } from '../../src/apiserver/authentication/client-certificate.ts'
import { accessReviewHandlers } from '../../src/apiserver/authorization/access-reviews.ts'
import { objectSubresources } from '../../src/apiserver/compose.ts'
import { ServerRequest } from '../../src/apiserver/request.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import { SharedInformers } from '../../src/client/informers.ts'
import { CertificateAuthority } from '../../src/cluster/certificates/certificate-authority.ts'
import { accessDefinitions } from '../../src/controllers/access-definitions.ts'
import { ControllerManager } from '../../src/controllers/runtime/controller-manager.ts'
import { CertificateSigningRequest } from '../../src/kinds/certificates/v1/certificate-signing-request.ts'
import { builtInKinds } from '../../src/kinds/index.ts'
import { ClusterRoleBinding } from '../../src/kinds/rbac/v1/cluster-role-binding.ts'
import type { StatusError } from '../../src/machinery/status-error.ts'
import { makeCertificateRequest, type RequestWishes } from '../support/certificate-requests.ts'
import { type SecuredApi, startSecuredApi } from '../support/secured-api.ts'

const PATH = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
const CLIENT = 'kubernetes.io/kube-apiserver-client'
const KUBELET = 'kubernetes.io/kube-apiserver-client-kubelet'
const NODE: RequestWishes = { commonName: 'system:node:one', organizations: ['system:nodes'] }
const BOOTSTRAPPER = ['system:bootstrap:abcdef', 'system:bootstrappers'] as const

describe('certificate signing requests', () => {
  let api: SecuredApi
  let authority: CertificateAuthority
  let running: Promise<void>
  const stop = new AbortController()

  before(async () => {
    api = await startSecuredApi(({ clock, authorizer, rbac }) => ({
      authenticators: [new ClientCertificateAuthenticator(clock)],
      subresources: objectSubresources(builtInKinds),
      virtual: accessReviewHandlers(authorizer, rbac),
      others: async ({ user }) => ({ type: 'object', code: 200, object: { user } }),
    }))
    const { clock } = api
    const random = seededRandom(3)
    authority = await CertificateAuthority.create('test-ca', clock, random)
    const account = (name: string) =>
      api.as(`system:serviceaccount:kube-system:${name}`, 'system:serviceaccounts')
    const manager = new ControllerManager({
      ...{ clock, random, logger: silentLogger },
      definitions: accessDefinitions({
        signCertificate: (der, usages, ttlMs) => authority.sign(der, usages, ttlMs),
      }),
      clientFor: account,
      informers: new SharedInformers({
        ...{ clock, random, logger: silentLogger },
        client: api.as('system:kube-controller-manager'),
      }),
    })
    running = manager.run(stop.signal)
    await clock.advance(1000)
  })
  after(async () => {
    stop.abort()
    await api.clock.advance(60_000)
    await running
    api[Symbol.dispose]()
  })

  interface Wanted {
    readonly wishes?: RequestWishes
    readonly signerName?: string
    readonly usages?: readonly string[]
    readonly expirationSeconds?: number
  }

  async function ask(name: string, wanted: Wanted, client = api.admin): Promise<string> {
    const { wishes = { commonName: 'jane', organizations: ['dev'] } } = wanted
    const { key, request } = await makeCertificateRequest(wishes)
    await client.raw('POST', PATH, {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name },
      spec: {
        request: Buffer.from(request).toString('base64'),
        signerName: wanted.signerName ?? CLIENT,
        usages: wanted.usages ?? ['client auth'],
        ...(wanted.expirationSeconds !== undefined && {
          expirationSeconds: wanted.expirationSeconds,
        }),
      },
    })
    await api.clock.advance(5000)
    return key
  }

  const find = (name: string) => api.admin.get(CertificateSigningRequest, { name })

  async function decide(name: string, type: string, client = api.admin): Promise<void> {
    const request = await find(name)
    const conditions = [...(request.status.conditions ?? []), { type, status: 'True', reason: 'x' }]
    await client.raw('PUT', `${PATH}/${name}/approval`, { ...request, status: { conditions } })
    await api.clock.advance(5000)
  }

  /** Signing takes real time, which a virtual clock knows nothing of. */
  async function issued(name: string): Promise<X509Certificate> {
    let certificate: string | undefined
    for (let tries = 0; certificate === undefined && tries < 5000; tries++) {
      await api.clock.advance(1)
      certificate = (await find(name)).status.certificate
    }
    assert.ok(certificate !== undefined, 'no certificate was issued')
    return new X509Certificate(Buffer.from(certificate, 'base64'))
  }

  /** Whom the API server takes somebody for who shows this certificate. */
  async function whoIs(certificate: X509Certificate): Promise<unknown> {
    const request = new ServerRequest({
      method: 'GET',
      url: '/version',
      connection: { remoteAddress: '127.0.0.1', peerCertificate: certificate.raw },
      signal: new AbortController().signal,
    })
    const response = await api.server.handle(request)
    assert.equal(response.type, 'object')
    const { user } = (response as { object: { user?: { name: string; groups: string[] } } }).object
    return user === undefined ? undefined : { name: user.name, groups: user.groups }
  }

  test('an approved one becomes a certificate that authenticates', async () => {
    await ask('jane', {})
    assert.equal((await find('jane')).status.certificate, undefined)
    await decide('jane', 'Approved')
    const certificate = await issued('jane')
    assert.ok(certificate.verify(new X509Certificate(authority.certificate).publicKey))
    assert.ok(certificate.checkIssued(new X509Certificate(authority.certificate)))
    assert.equal(certificate.ca, false)
    assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2'])
    const year = Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)
    assert.equal(year, 365 * 86_400_000)
    assert.deepEqual(await whoIs(certificate), {
      name: 'jane',
      groups: ['dev', 'system:authenticated'],
    })
    const [approved] = (await find('jane')).status.conditions ?? []
    assert.equal(approved?.lastUpdateTime, approved?.lastTransitionTime)
    assert.notEqual(approved?.lastUpdateTime, undefined)
  })

  test('it lives as long as was asked, within limits', async () => {
    await ask('short', { expirationSeconds: 3600 })
    await decide('short', 'Approved')
    const { validTo, validFrom } = await issued('short')
    assert.equal(Date.parse(validTo) - Date.parse(validFrom), 3_600_000 + 300_000)
  })

  test('a denied one gets none, and no decision is taken back', async () => {
    await ask('denied', {})
    await decide('denied', 'Denied')
    assert.equal((await find('denied')).status.certificate, undefined)
    await assert.rejects(decide('denied', 'Approved'), (error: StatusError) => {
      assert.match(error.message, /Approved and Denied conditions are mutually exclusive/)
      return error.code === 422
    })
    const request = await find('denied')
    const path = `${PATH}/denied/approval`
    await assert.rejects(api.admin.raw('PUT', path, { ...request, status: { conditions: [] } }), {
      message: /updates may not remove a condition of type "Denied"/,
    })
  })

  test('each path changes its own part only', async () => {
    await ask('parts', { signerName: 'example.com/mine' })
    const request = await find('parts')
    const status = { conditions: [{ type: 'Approved', status: 'True' as const, reason: 'x' }] }
    await assert.rejects(
      api.admin.updateStatus(CertificateSigningRequest, { ...request, status }),
      { message: /updates may not add a condition of type "Approved"/ },
    )
    await decide('parts', 'Approved')
    const approved = await find('parts')
    const certificate = Buffer.from(authority.certificate).toString('base64')
    await api.admin.raw('PUT', `${PATH}/parts/approval`, {
      ...approved,
      spec: { ...approved.spec, signerName: 'x.y/z' },
      status: { ...approved.status, certificate },
    })
    const after = await find('parts')
    assert.deepEqual(
      [after.spec.signerName, after.status.certificate],
      ['example.com/mine', undefined],
    )
    const withCertificate = { ...after, status: { ...after.status, certificate } }
    await api.admin.updateStatus(CertificateSigningRequest, withCertificate)
    const set = await find('parts')
    assert.equal(set.status.certificate, certificate)
    const { certificate: _, ...without } = set.status
    await assert.rejects(
      api.admin.updateStatus(CertificateSigningRequest, { ...set, status: without }),
      { message: /updates may not modify existing certificate content/ },
    )
  })

  test('what a signer will not sign fails with the reason', async () => {
    await ask('usages', { usages: ['server auth'] })
    await decide('usages', 'Approved')
    await ask('san', {
      wishes: { ...NODE, names: [{ type: 'dns', value: 'a' }] },
      signerName: KUBELET,
      usages: ['client auth', 'digital signature'],
    })
    await decide('san', 'Approved')
    const failureOf = async (name: string) => {
      const { conditions = [], certificate } = (await find(name)).status
      assert.equal(certificate, undefined)
      const { reason, message } = conditions.find(({ type }) => type === 'Failed') ?? {}
      return { reason, message }
    }
    const reason = 'SignerValidationFailure'
    assert.deepEqual(await failureOf('usages'), {
      reason,
      message: 'invalid usage for client certificate: server auth',
    })
    const message = 'DNS subjectAltNames are not allowed'
    assert.deepEqual(await failureOf('san'), { reason, message })
  })

  test('a serving certificate has the names that were approved', async () => {
    await ask('serving', {
      wishes: {
        ...NODE,
        names: [
          { type: 'dns', value: 'one' },
          { type: 'ip', value: '10.0.0.1' },
        ],
      },
      signerName: 'kubernetes.io/kubelet-serving',
      usages: ['digital signature', 'server auth'],
    })
    assert.equal((await find('serving')).status.conditions, undefined, 'nobody approves it alone')
    await decide('serving', 'Approved')
    const certificate = await issued('serving')
    assert.equal(certificate.checkHost('one'), 'one')
    assert.equal(certificate.checkIP('10.0.0.1'), '10.0.0.1')
    assert.equal(certificate.checkIP('10.0.0.2'), undefined)
  })

  test('a kubelet joins with a bootstrap token where its group may', async () => {
    const joining = {
      wishes: NODE,
      signerName: KUBELET,
      usages: ['client auth', 'digital signature'],
    }
    const bind = (role: string, group: string) =>
      api.admin.create(ClusterRoleBinding, {
        metadata: { name: role },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group }],
      })
    await bind('system:node-bootstrapper', 'system:bootstrappers')
    await ask('joining', joining, api.as(...BOOTSTRAPPER))
    assert.equal((await find('joining')).status.conditions, undefined, 'not allowed yet')
    await bind('system:certificates.k8s.io:certificatesigningrequests:nodeclient', BOOTSTRAPPER[1])
    await api.clock.advance(60_000)
    const { spec, status } = await find('joining')
    assert.equal(spec.username, 'system:bootstrap:abcdef')
    const [{ reason, message } = {}] = status.conditions ?? []
    assert.deepEqual(
      [reason, message],
      ['AutoApproved', 'Auto approving kubelet client certificate after SubjectAccessReview.'],
    )
    assert.deepEqual(await whoIs(await issued('joining')), {
      name: 'system:node:one',
      groups: ['system:nodes', 'system:authenticated'],
    })
  })

  test('a node asks for itself only', async () => {
    const node = api.as('system:node:one', 'system:nodes')
    const usages = ['digital signature', 'client auth']
    const wishes = { ...NODE, commonName: 'system:node:two' }
    const other = ask('for-two', { wishes, signerName: KUBELET, usages }, node)
    await assert.rejects(other, (error: StatusError) => {
      assert.match(error.message, /can only create a node CSR with CN=system:node:one$/)
      return error.code === 403
    })
    await ask('for-one', { wishes: NODE, signerName: KUBELET, usages }, node)
    assert.equal((await find('for-one')).spec.username, 'system:node:one')
    await api.admin.delete(CertificateSigningRequest, { name: 'for-one' })
  })

  test('what is no request, or wants what there is not, is refused', async () => {
    const spec = {
      request: Buffer.from('hello').toString('base64'),
      signerName: 'one/two/three',
      usages: ['client auth', 'client auth'],
      expirationSeconds: 5,
    }
    const body = { metadata: { name: 'x' }, spec }
    await assert.rejects(api.admin.raw('POST', PATH, body), (error: StatusError) => {
      const causes =
        error.details?.causes?.map(({ field, message }) => `${field}: ${message}`) ?? []
      assert.deepEqual(
        causes.map((text) => text.replace(/aGVsbG8=/, '…')),
        [
          'spec.request: Invalid value: "…": PEM block type must be CERTIFICATE REQUEST',
          'spec.usages[1]: Duplicate value: "client auth"',
          'spec.signerName: Invalid value: "one/two/three": must be a fully qualified domain and ' +
            "path of the form 'example.com/signer-name'",
          'spec.expirationSeconds: Invalid value: 5: may not specify a duration less than 600 ' +
            'seconds (10 minutes)',
        ],
      )
      return true
    })
  })

  test('old ones are removed: decided after an hour, undecided after a day', async () => {
    await ask('waiting', { signerName: 'example.com/other' })
    await api.clock.advance(2 * 3_600_000)
    const left = await api.admin.list(CertificateSigningRequest)
    const names = left.items.map(({ metadata }) => metadata.name)
    assert.deepEqual(names, ['waiting'])
    await api.clock.advance(25 * 3_600_000)
    assert.deepEqual((await api.admin.list(CertificateSigningRequest)).items, [])
  })
})
