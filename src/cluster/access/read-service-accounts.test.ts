import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccessFlags } from './access-flags.ts'
import { oidcConfiguration } from './oidc-flags.ts'
import { readServiceAccounts } from './read-service-accounts.ts'

const read = (flags: AccessFlags) => readServiceAccounts(flags, async (path) => `pem of ${path}`)

test('flags of service accounts: the first issuer issues, all are believed', async () => {
  const settings = await read({
    serviceAccountIssuer: ['https://new', 'old'],
    serviceAccountKeyFile: ['a', 'b'],
    serviceAccountMaxTokenExpiration: '24h',
  })
  assert.deepEqual(settings.issuers, ['https://new', 'old'])
  assert.deepEqual(settings.audiences, ['https://new', 'old'])
  assert.deepEqual(settings.moreKeys, ['pem of a', 'pem of b'])
  assert.equal(settings.maxExpirationSeconds, 86_400)
  const usual = await read({ apiAudiences: ['api'] })
  assert.deepEqual(usual.issuers, ['https://kubernetes.default.svc.cluster.local'])
  assert.deepEqual(usual.audiences, ['api'])
})

for (const [flags, message] of [
  [{ serviceAccountIssuer: [] }, /is a required flag/],
  [{ serviceAccountIssuer: ['a', 'a'] }, /"a" is already specified/],
  [{ serviceAccountIssuer: ['http//:x:'] }, /was not a valid URL/],
  [{ serviceAccountJwksUri: 'http://x' }, /requires https scheme/],
  [{ serviceAccountMaxTokenExpiration: '59m' }, /between 1 hour and 2\^32 seconds/],
  [{ serviceAccountSigningEndpoint: '/s', serviceAccountKeyFile: ['a'] }, /mutually exclusive/],
] as const) {
  test(`${JSON.stringify(flags)} is refused`, async () => {
    await assert.rejects(read(flags), message)
  })
}

test('whoever signs elsewhere has no key to sign with here', async () => {
  const flags = { serviceAccountSigningEndpoint: '/run/signer.sock' }
  await assert.rejects(
    readServiceAccounts(flags, async () => '', 'sa.key'),
    /^Error: can't set `--service-account-signing-key-file` and\/or .* \(They are mutually exclusive\)$/,
  )
})

test('flags of OpenID Connect are a configuration', () => {
  const flags = { oidcIssuerUrl: 'https://id', oidcClientId: 'me' }
  const read = (more: AccessFlags) => {
    const { jwt } = JSON.parse(oidcConfiguration({ ...flags, ...more }, '') ?? '{}')
    return jwt[0]
  }
  assert.deepEqual(read({}).claimMappings, { username: { claim: 'sub', prefix: 'https://id#' } })
  assert.equal(read({ oidcUsernameClaim: 'email' }).claimMappings.username.prefix, '')
  assert.equal(read({ oidcUsernamePrefix: '-' }).claimMappings.username.prefix, '')
  assert.deepEqual(read({ oidcGroupsClaim: 'g', oidcGroupsPrefix: 'x:' }).claimMappings.groups, {
    claim: 'g',
    prefix: 'x:',
  })
  assert.deepEqual(read({ oidcRequiredClaim: ['a=b=c'] }).claimValidationRules, [
    { claim: 'a', requiredValue: 'b=c' },
  ])
  assert.throws(() => read({ oidcRequiredClaim: ['a'] }), /not of the form key=value/)
  assert.throws(() => oidcConfiguration({ oidcClientId: 'x' }, ''), /must be specified together/)
  assert.equal(oidcConfiguration({}, ''), undefined)
})
