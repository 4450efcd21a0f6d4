import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type JwtSettings,
  parseAuthenticationConfiguration,
} from './authentication-configuration.ts'
import { ClaimExpressions } from './claim-expressions.ts'
import { userOfJwtClaims } from './jwt-claims.ts'

type Changes = Partial<
  Record<'claimMappings' | 'claimValidationRules' | 'userValidationRules', unknown>
>

async function settingsWith(changes: Changes): Promise<JwtSettings> {
  const one = {
    issuer: { url: 'https://id.example', audiences: ['one'] },
    claimMappings: { username: { expression: 'claims.sub' } },
    ...changes,
  }
  const text = JSON.stringify({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthenticationConfiguration',
    jwt: [one],
  })
  const { jwt } = await parseAuthenticationConfiguration(text, [])
  return jwt[0] as JwtSettings
}

async function userOf(changes: Changes, claims: Readonly<Record<string, unknown>>) {
  const settings = await settingsWith(changes)
  return userOfJwtClaims(claims, settings, new ClaimExpressions(settings))
}

const CLAIMS = {
  sub: 'jane',
  exp: 1_700_000_000,
  roles: 'dev,ops',
  list: ['dev', '', 'ops'],
  empty: '',
  none: null,
  deep: { 'a.b': [{ c: true }], n: 1 },
  email: 'jane@example.com',
  'kubernetes.io': { namespace: 'kube-system', pod: { uid: '7' } },
}

const username = { expression: 'claims.sub' }
const extraOf = (valueExpression: string) => [{ key: 'example.org/x', valueExpression }]

describe('expressions about claims', () => {
  test('make names, groups, uids and more out of claims', async () => {
    const claimMappings = {
      username: { expression: '"id:" + claims.sub' },
      groups: { expression: 'claims.roles.split(",").map(role, "g:" + role)' },
      uid: { expression: 'claims.kubernetes__dot__io.pod.uid' },
      extra: [
        { key: 'example.org/deep', valueExpression: 'string(claims.deep.a__dot__b[0].c)' },
        { key: 'example.org/list', valueExpression: 'claims.list + ["x"]' },
        { key: 'example.org/none', valueExpression: 'claims.none' },
        { key: 'example.org/empty', valueExpression: 'claims.empty' },
        { key: 'example.org/missing', valueExpression: 'claims.?deep.?z.orValue([])' },
        { key: 'example.org/size', valueExpression: 'string(size(claims.deep))' },
      ],
    }
    assert.deepEqual(await userOf({ claimMappings }, { ...CLAIMS, jti: 'j' }), {
      name: 'id:jane',
      groups: ['g:dev', 'g:ops'],
      uid: '7',
      extra: {
        'authentication.kubernetes.io/credential-id': ['JTI=j'],
        'example.org/deep': ['true'],
        'example.org/list': ['dev', 'ops', 'x'],
        'example.org/size': ['2'],
      },
    })
  })

  test('claims can be mapped by their names and by expressions side by side', async () => {
    const groups = { claim: 'list', prefix: 'p:' }
    const mixed = await userOf({ claimMappings: { username, groups } }, CLAIMS)
    assert.deepEqual(mixed.groups, ['p:dev', 'p:', 'p:ops'])
    const unprefixed = { username: { claim: 'sub', prefix: '' } }
    assert.equal((await userOf({ claimMappings: unprefixed }, CLAIMS)).name, 'jane')
  })

  for (const [expression, holds] of [
    ['claims.deep.n == 1', true],
    ['type(claims.deep.n) == double', true],
    ['claims.deep.n == 2', false],
    ['timestamp(int(claims.exp)) < timestamp("2030-01-01T00:00:00Z")', true],
    ['claims["kubernetes.io"].__namespace__ == "kube-system"', true],
    ['claims["kubernetes.io"]["namespace"] == "kube-system"', true],
    ['has(claims.kubernetes__dot__io.pod.uid)', true],
    ['has(claims.missing)', false],
    ['claims[?"kubernetes.io"]["node"]["ip"].orValue(true)', true],
    ['"sub" in claims && size(claims.list) == 3', true],
    ['claims.list.exists(one, one == "ops")', true],
    ['claims.deep == dyn({"a.b": dyn([{"c": true}]), "n": dyn(1.0)})', true],
    ['"7" in [claims.kubernetes__dot__io.pod].map(pod, pod.uid)', true],
  ] as const) {
    test(`${expression} is ${holds}`, async () => {
      const claimValidationRules = [{ expression, message: 'it must hold' }]
      const found = userOf({ claimValidationRules }, CLAIMS)
      if (holds) assert.equal((await found).name, 'jane')
      else {
        await assert.rejects(found, {
          name: 'InvalidCredentials',
          message:
            'oidc: error evaluating claim validation expression: ' +
            `validation expression '${expression}' failed: it must hold`,
        })
      }
    })
  }

  test('users are judged by what the claims made of them', async () => {
    const claimMappings = { username, extra: extraOf('claims.list') }
    const judged = (expression: string, message = '') =>
      userOf({ claimMappings, userValidationRules: [{ expression, message }] }, CLAIMS)
    for (const expression of [
      '!user.username.startsWith("system:")',
      'user.extra.example__dot__org__slash__x == ["dev", "ops"]',
      'user.extra["example.org/x"].size() == 2',
      'user.groups.all(group, !group.startsWith("system:")) && user.uid == "" && has(user.uid)',
    ]) {
      assert.equal((await judged(expression)).name, 'jane')
    }
    await assert.rejects(judged('user.username != "jane"', 'not she'), {
      message:
        'oidc: error evaluating user info validation rule: ' +
        `validation expression 'user.username != "jane"' failed: not she`,
    })
    await assert.rejects(judged('user.extra.x.size() == 1'), {
      message:
        'oidc: error evaluating user info validation rule: ' +
        "expression 'user.extra.x.size() == 1' resulted in error: no such key: x",
    })
  })

  const failures: readonly (readonly [string, object, string])[] = [
    [
      'a name that is no text',
      { username: { expression: 'claims.deep.n' } },
      'username claim expression: username claim expression must return a string',
    ],
    [
      'a name that is not there',
      { username: { expression: 'claims.x' } },
      "username claim expression: expression 'claims.x' resulted in error: no such key: x",
    ],
    [
      'groups that are no texts',
      { username, groups: { expression: '[claims.deep.n]' } },
      'group claim expression: expression must return a string or a list of strings',
    ],
    [
      'a uid that is no text',
      { username, uid: { expression: 'claims.none' } },
      'uid claim expression: uid claim expression must return a string',
    ],
    [
      'more that is no text',
      { username, extra: extraOf('claims.deep') },
      'extra claim expression: claims.deep: expression must return a string or a list of strings',
    ],
  ]
  for (const [what, claimMappings, message] of failures) {
    test(`${what} lets nobody in`, async () => {
      await assert.rejects(userOf({ claimMappings }, CLAIMS), {
        name: 'InvalidCredentials',
        message: `oidc: error evaluating ${message}`,
      })
    })
  }

  test('an empty name, and a failure in more, have words of their own', async () => {
    const empty = { username: { expression: 'claims.empty' } }
    await assert.rejects(userOf({ claimMappings: empty }, CLAIMS), {
      message: 'oidc: empty username via CEL expression is not allowed',
    })
    const missing = { username, extra: extraOf('claims.x') }
    await assert.rejects(userOf({ claimMappings: missing }, CLAIMS), {
      message: "expression 'claims.x' resulted in error: no such key: x",
    })
  })
})

describe('what is wrong with expressions about claims', () => {
  const wrong: readonly (readonly [string, Changes, string])[] = [
    [
      'no CEL',
      { claimValidationRules: [{ expression: 'claims.' }] },
      'jwt[0].claimValidationRules[0].expression: Invalid value: "claims.": compilation failed: ' +
        "ERROR: <input>:1:8: Syntax error: no viable alternative at input '.'\n" +
        ' | claims.\n | .......^',
    ],
    [
      'no condition',
      { claimValidationRules: [{ expression: 'claims.sub' }] },
      'jwt[0].claimValidationRules[0].expression: Invalid value: "claims.sub": ' +
        'must evaluate to bool',
    ],
    [
      'a claim beside an expression',
      { claimValidationRules: [{ claim: 'a', expression: 'true' }] },
      `jwt[0].claimValidationRules[0]: Invalid value: "a": claim and expression can't both be set`,
    ],
    [
      'a value beside an expression',
      { claimValidationRules: [{ requiredValue: 'a', expression: 'true' }] },
      'jwt[0].claimValidationRules[0].requiredValue: Invalid value: "a": ' +
        'may not be specified when expression is set',
    ],
    [
      'one expression twice',
      { claimValidationRules: [{ expression: 'true' }, { expression: 'true' }] },
      'jwt[0].claimValidationRules[1].expression: Duplicate value: "true"',
    ],
    [
      'a rule about a user that asks for claims',
      { userValidationRules: [{ expression: 'claims.a' }, {}, { expression: 'user.a == ""' }] },
      'jwt[0].userValidationRules[0].expression: Invalid value: "claims.a": compilation failed: ' +
        "ERROR: <input>:1:1: undeclared reference to 'claims' (in container '')\n" +
        ' | claims.a\n | ^, ' +
        'jwt[0].userValidationRules[1].expression: Required value, ' +
        'jwt[0].userValidationRules[2].expression: Invalid value: "user.a == \\"\\"": ' +
        "compilation failed: ERROR: <input>:1:5: undefined field 'a'\n" +
        ' | user.a == ""\n | ....^',
    ],
    [
      'a prefix of what an expression gives',
      { claimMappings: { username: { expression: 'claims.sub', prefix: '' } } },
      'jwt[0].claimMappings.username.prefix: Invalid value: "": ' +
        'may not be specified when expression is set',
    ],
    [
      'a claim and an expression',
      {
        claimMappings: {
          username: { claim: 'a', expression: 'claims.sub' },
          uid: { claim: 'a', expression: 'claims.sub' },
        },
      },
      `jwt[0].claimMappings.username: Invalid value: "": claim and expression can't both be set, ` +
        `jwt[0].claimMappings.uid: Invalid value: "": claim and expression can't both be set`,
    ],
    [
      'keys that may not be',
      {
        claimMappings: {
          username,
          extra: [
            { key: 'a', valueExpression: 'claims.a' },
            { key: 'Example.org/x', valueExpression: 'claims.a' },
            { key: 'a.k8s.io/x', valueExpression: 'claims.a' },
            { key: 'a.k8s.io/y' },
            { key: 'b.org/y' },
            { key: 'b.org/y', valueExpression: '1 +' },
          ],
        },
      },
      'jwt[0].claimMappings.extra[0].key: Invalid value: "a": ' +
        'must be a domain-prefixed path (such as "acme.io/foo"), ' +
        'jwt[0].claimMappings.extra[1].key: Invalid value: "Example.org": a lowercase RFC 1123 ' +
        "subdomain must consist of lower case alphanumeric characters, '-' or '.', and must " +
        "start and end with an alphanumeric character (e.g. 'example.com', regex used for " +
        "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'), " +
        'jwt[0].claimMappings.extra[1].key: Invalid value: "Example.org/x": must be lowercase, ' +
        'jwt[0].claimMappings.extra[2].key: Invalid value: "a.k8s.io/x": k8s.io, kubernetes.io ' +
        'and their subdomains are reserved for Kubernetes use, ' +
        'jwt[0].claimMappings.extra[3].key: Invalid value: "a.k8s.io/y": k8s.io, kubernetes.io ' +
        'and their subdomains are reserved for Kubernetes use, ' +
        'jwt[0].claimMappings.extra[3].valueExpression: Required value, ' +
        'jwt[0].claimMappings.extra[4].valueExpression: Required value, ' +
        'jwt[0].claimMappings.extra[5].key: Duplicate value: "b.org/y"',
    ],
  ]
  for (const [what, changes, message] of wrong) {
    test(what, async () => {
      await assert.rejects(settingsWith(changes), { message })
    })
  }

  test('addresses name users only where somebody looks whether they are verified', async () => {
    const why =
      'claims.email_verified must be used in claimMappings.username.expression or ' +
      'claimMappings.extra[*].valueExpression or claimValidationRules[*].expression ' +
      'when claims.email is used in claimMappings.username.expression'
    for (const expression of ['claims.email', 'claims.?email.orValue("")', 'has(claims.email)']) {
      const claimMappings = { username: { expression } }
      const shown = JSON.stringify(expression)
      await assert.rejects(settingsWith({ claimMappings }), {
        message: `jwt[0].claimMappings.username.expression: Invalid value: ${shown}: ${why}`,
      })
      const verified = 'claims.?email_verified.orValue(true) == true'
      await settingsWith({ claimMappings, claimValidationRules: [{ expression: verified }] })
      const extra = extraOf('string(claims.email_verified)')
      await settingsWith({ claimMappings: { ...claimMappings, extra } })
    }
    await settingsWith({ claimMappings: { username: { expression: 'claims["email"]' } } })
    const both = 'claims.email_verified ? claims.email : claims.sub'
    await settingsWith({ claimMappings: { username: { expression: both } } })
  })
})
