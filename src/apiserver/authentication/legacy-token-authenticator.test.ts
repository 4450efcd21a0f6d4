import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { type SecuredApi, startSecuredApi } from '../../../test/support/secured-api.ts'
import { settle } from '../../../test/support/virtual-clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { Namespace } from '../../kinds/core/v1/namespace.ts'
import { Secret } from '../../kinds/core/v1/secret.ts'
import { ServiceAccount } from '../../kinds/core/v1/service-account.ts'
import { labelSecret } from './label-secret.ts'
import { LEGACY_ISSUER, LegacyTokenAuthenticator } from './legacy-token-authenticator.ts'
import { SigningKey, VerifyingKey } from './signing-keys.ts'

const AUDIENCES = ['https://api']
const PREFIX = 'kubernetes.io/serviceaccount/'
const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
}) as string

describe('tokens that are kept in secrets', () => {
  let api: SecuredApi
  let tokens: LegacyTokenAuthenticator
  const namespace = 'default'

  before(async () => {
    api = await startSecuredApi()
    await api.admin.create(Namespace, { metadata: { name: namespace } })
    tokens = new LegacyTokenAuthenticator({
      clock: api.clock,
      keys: [new VerifyingKey(pem)],
      audiences: AUDIENCES,
      find: async (kind, home, name) =>
        (await api.resources.store(kind === 'secret' ? Secret : ServiceAccount).get(home, name))
          .object,
      label: labelSecret(api.resources, silentLogger),
    })
  })
  after(() => api[Symbol.dispose]())

  /** An account with a secret that holds its token. */
  async function issue(name: string, wrong: Record<string, string> = {}) {
    const account = await api.admin.create(ServiceAccount, { metadata: { name, namespace } })
    const token = new SigningKey(pem).signToken({
      iss: LEGACY_ISSUER,
      sub: `system:serviceaccount:${namespace}:${name}`,
      [`${PREFIX}namespace`]: namespace,
      [`${PREFIX}secret.name`]: name,
      [`${PREFIX}service-account.name`]: name,
      [`${PREFIX}service-account.uid`]: account.metadata.uid,
      ...wrong,
    })
    const data = { token: Buffer.from(token).toString('base64') }
    const secret = await api.admin.create(Secret, { metadata: { name, namespace }, data })
    return { token, secret, account }
  }

  test('one is good while the secret holds it, and its use is noted once a day', async () => {
    const { token, secret } = await issue('a')
    const found = await tokens.authenticateToken(token, AUDIENCES)
    assert.equal(found?.user.name, 'system:serviceaccount:default:a')
    await settle()
    const used = await api.admin.get(Secret, secret.metadata)
    assert.equal(used.metadata.labels?.['kubernetes.io/legacy-token-last-used'], '2030-01-01')
    await tokens.authenticateToken(token, AUDIENCES)
    await settle()
    const again = await api.admin.get(Secret, secret.metadata)
    assert.equal(again.metadata.resourceVersion, used.metadata.resourceVersion)
    const data = { token: Buffer.from('another').toString('base64') }
    await api.admin.update(Secret, { ...again, data })
    await assert.rejects(tokens.authenticateToken(token, AUDIENCES), /does not match server's copy/)
    await api.admin.delete(Secret, secret.metadata)
    await assert.rejects(tokens.authenticateToken(token, AUDIENCES), /Token has been invalidated/)
  })

  test('one that was marked invalid is refused with the way out', async () => {
    const { token, secret } = await issue('b')
    const labels = { 'kubernetes.io/legacy-token-invalid-since': '2029-01-01' }
    await api.admin.update(Secret, { ...secret, metadata: { ...secret.metadata, labels } })
    await assert.rejects(
      tokens.authenticateToken(token, AUDIENCES),
      /has been marked invalid\. Use/,
    )
  })

  test('claims that do not fit are refused; tokens of others are not ours', async () => {
    const { token } = await issue('c', { sub: 'system:serviceaccount:kube-system:c' })
    await assert.rejects(tokens.authenticateToken(token, AUDIENCES), /sub claim is invalid/)
    const { token: nameless } = await issue('d', { [`${PREFIX}secret.name`]: '' })
    await assert.rejects(
      tokens.authenticateToken(nameless, AUDIENCES),
      /secretName claim is missing/,
    )
    const other = new SigningKey(pem).signToken({ iss: 'https://other' })
    assert.equal(await tokens.authenticateToken(other, AUDIENCES), undefined)
    const { token: good } = await issue('e')
    await assert.rejects(tokens.authenticateToken(good, ['vault']), /target audiences/)
  })

  test('it ends with its account', async () => {
    const { token, account } = await issue('f')
    await api.admin.delete(ServiceAccount, account.metadata)
    await assert.rejects(
      tokens.authenticateToken(token, AUDIENCES),
      /serviceaccounts "f" not found/,
    )
  })
})
