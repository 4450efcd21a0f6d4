import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { seededRandom } from '../../base/random.ts'
import { ConfigMap } from '../../kinds/core/v1/config-map.ts'
import { Secret } from '../../kinds/core/v1/secret.ts'
import { aesCbc, aesGcm } from './aes.ts'
import { defaultConfiguration } from './default-configuration.ts'
import { Encryption } from './encryption.ts'
import { secretbox } from './secretbox.ts'
import { identity, type ValueTransformer } from './value-transformer.ts'

const KEY = Buffer.alloc(32, 7)
const PATH = '/registry/secrets/default/a'
const VALUE = Buffer.from('{"kind":"Secret"}')

const providers: Readonly<Record<string, (key: Uint8Array, random: Random) => ValueTransformer>> = {
  aesgcm: aesGcm,
  aescbc: aesCbc,
  secretbox,
}
type Random = ReturnType<typeof seededRandom>

describe('providers', () => {
  for (const [name, make] of Object.entries(providers)) {
    test(`${name} reads what it wrote, and nothing written with another key`, () => {
      const random = seededRandom(1)
      const one = make(KEY, random)
      for (const length of [0, 1, 15, 16, 17, 4096]) {
        const value = Buffer.alloc(length, 'x')
        const stored = one.write(value, PATH)
        assert.deepEqual(Buffer.from(one.read(stored, PATH).value), value)
        assert.equal(Buffer.from(stored).includes('xxxx'), false)
        assert.notDeepEqual(one.write(value, PATH), stored, 'a nonce is used once')
      }
      const other = make(Buffer.alloc(32, 8), random)
      assert.throws(() => other.read(one.write(VALUE, PATH), PATH))
      assert.throws(() => one.read(Buffer.alloc(5), PATH), /shorter than the required size/)
    })
  }

  test('aesgcm binds a value to its key in the storage, and notices a change', () => {
    const gcm = aesGcm(KEY, seededRandom(1))
    const stored = Buffer.from(gcm.write(VALUE, PATH))
    assert.throws(() => gcm.read(stored, '/registry/secrets/default/b'), /authentication failed/)
    stored[14] = (stored[14] ?? 0) ^ 1
    assert.throws(() => gcm.read(stored, PATH), /authentication failed/)
  })

  test('secretbox is NaCl’s: its published example', () => {
    // Of NaCl's tests/secretbox.c.
    const hex = (text: string) => Buffer.from(text, 'hex')
    const key = hex('1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389')
    const nonce = hex('69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37')
    const boxed = hex(
      'f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c5' +
        '31a1186ac0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8a' +
        'b932164548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622' +
        'a43d14a6599b1f654cb45a74e355a5',
    )
    const { value } = secretbox(key, seededRandom(1)).read(Buffer.concat([nonce, boxed]), PATH)
    assert.equal(value.length, 131)
    assert.equal(Buffer.from(value).toString('hex').slice(0, 16), 'be075fc53c81f2d5')
  })

  test('identity refuses what is encrypted', () => {
    assert.throws(() => identity.read(Buffer.from('k8s:enc:aesgcm:v1:x'), PATH), /encrypted data/)
    assert.equal(identity.read(VALUE, PATH).value, VALUE)
  })
})

const secretOf = (fill: number, length = 32) => Buffer.alloc(length, fill).toString('base64')

function configuration(resources: string, providersText: string): string {
  return (
    'apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\n' +
    `resources:\n- resources: ${resources}\n  providers:\n${providersText}`
  )
}

const keyed = (provider: string, ...keys: readonly (readonly [string, string])[]) =>
  `  - ${provider}:\n      keys:\n` +
  keys.map(([name, secret]) => `      - {name: ${name}, secret: ${secret}}\n`).join('')

async function transformerOf(text: string, kind = Secret): Promise<ValueTransformer> {
  const made = (await Encryption.parse(text, seededRandom(1))).transformerOf(kind)
  assert.ok(made)
  return made
}

describe('a configuration', () => {
  test('values have upstream’s prefix; the first provider and its first key write', async () => {
    const text =
      keyed('aescbc', ['new', secretOf(1)], ['old', secretOf(2, 16)]) +
      keyed('aesgcm', ['key1', secretOf(3, 24)]) +
      '  - identity: {}\n'
    const transformer = await transformerOf(configuration('[secrets]', text))
    const stored = transformer.write(VALUE, PATH)
    assert.equal(Buffer.from(stored).subarray(0, 22).toString(), 'k8s:enc:aescbc:v1:new:')
    assert.equal(transformer.read(stored, PATH).isStale, false)
  })

  test('what another key or provider wrote is read, and stale', async () => {
    const old = await transformerOf(configuration('[secrets]', keyed('aesgcm', ['a', secretOf(1)])))
    const keys = [['b', secretOf(2)] as const, ['a', secretOf(1)] as const]
    const text = `${keyed('secretbox', ['s', secretOf(3)])}${keyed('aesgcm', ...keys)}`
    const both = await transformerOf(configuration('[secrets]', `${text}  - identity: {}\n`))
    const read = both.read(old.write(VALUE, PATH), PATH)
    assert.deepEqual(Buffer.from(read.value), VALUE)
    assert.equal(read.isStale, true)
    assert.equal(both.read(VALUE, PATH).isStale, true)
    const second = await transformerOf(configuration('[secrets]', keyed('aesgcm', ...keys)))
    assert.equal(second.read(old.write(VALUE, PATH), PATH).isStale, true)
    assert.throws(() => second.read(both.write(VALUE, PATH), PATH), /no matching prefix found/)
    const stranger = configuration('[secrets]', keyed('aesgcm', ['z', secretOf(1)]))
    const unknown = await transformerOf(stranger)
    assert.throws(
      () => unknown.read(old.write(VALUE, PATH), PATH),
      /no matching key was found for the provided AES transformer/,
    )
  })

  test('resources by name, by group and all of them', async () => {
    const parse = (resources: string) =>
      Encryption.parse(
        configuration(resources, keyed('secretbox', ['k', secretOf(1)])),
        seededRandom(1),
      )
    const deployments = { group: 'apps', plural: 'deployments' }
    const byName = await parse('[secrets]')
    assert.equal(byName.transformerOf(ConfigMap), undefined)
    const core = await parse("['*.']")
    assert.ok(core.transformerOf(ConfigMap))
    assert.equal(core.transformerOf(deployments), undefined)
    assert.ok((await parse("['*.apps']")).transformerOf(deployments))
    assert.ok((await parse("['*.*']")).transformerOf(deployments))
  })

  test('the default encrypts Secrets with a key of its own, and nothing else', async () => {
    const text = defaultConfiguration(seededRandom(1))
    assert.notEqual(text, defaultConfiguration(seededRandom(2)))
    const made = await Encryption.parse(text, seededRandom(3))
    const stored = made.transformerOf(Secret)?.write(VALUE, PATH)
    assert.equal(
      Buffer.from(stored ?? [])
        .subarray(0, 26)
        .toString(),
      'k8s:enc:secretbox:v1:key1:',
    )
    assert.equal(made.transformerOf(ConfigMap), undefined)
  })

  const box = keyed('secretbox', ['k', secretOf(1)])
  const refused: readonly (readonly [string, RegExp])[] = [
    [configuration('[]', box), /resources\[0\]\.resources: Required value: at least one/],
    [configuration('[secrets]', '    []\n'), /providers: Required value/],
    [configuration('[Secrets]', box), /should not contain capital letters/],
    [configuration("['*']", box), /use '\*\.' to encrypt all the resources/],
    [configuration('[secrets, secrets]', box), /cannot be specified multiple times/],
    [configuration("[secrets, '*.']", box), /overlapping resources/],
    [configuration('[events.events.k8s.io]', box), /Use 'events' instead/],
    [configuration("['secrets.*']", box), /across groups is not supported/],
    [configuration('[secrets]', keyed('aesgcm', ['k', 'c2hvcnQ='])), /got 5, expected one of \[16/],
    [configuration('[secrets]', keyed('secretbox', ['k', '"%%%"'])), /must be base64 encoded/],
    [configuration('[secrets]', keyed('secretbox', ['""', secretOf(1)])), /name is a mandatory/],
    [configuration('[secrets]', '  - {}\n'), /does not contain any of the expected providers/],
    [configuration('[secrets]', '  - {aesgcm: {keys: []}, identity: {}}\n'), /more than one/],
    [configuration('[secrets]', '  - {aesgmc: {keys: []}}\n'), /unknown field .*aesgmc/],
    ['apiVersion: v1\nkind: Secret\n', /expected EncryptionConfiguration/],
    [
      `${configuration("['*.*']", box)}- resources: [secrets]\n  providers:\n${box}`,
      /resource "secrets" is masked by earlier rule "\*\.\*"/,
    ],
  ]
  for (const [text, why] of refused) {
    test(`is refused: ${why.source}`, async () => {
      await assert.rejects(Encryption.parse(text, seededRandom(1)), (error: Error) => {
        assert.match((error.cause as Error).message, why)
        assert.doesNotMatch((error.cause as Error).message, /c2hvcnQ|%%%/, 'keys are never shown')
        return true
      })
    })
  }
})
