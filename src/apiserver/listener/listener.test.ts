import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { sensitiveHeaders } from 'node:http2'
import { after, before, beforeEach, describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { issueBy, issueIntermediate } from '../../../test/support/intermediate-authority.ts'
import { TestListener } from '../../../test/support/test-listener.ts'
import { createTlsIdentities } from '../../../test/support/tls-identities.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { StatusError } from '../../machinery/status-error.ts'

const PODS = '/api/v1/namespaces/default/pods'

describe('listener', { timeout: 20_000 }, () => {
  const clock = new VirtualClock()
  let harness: TestListener

  before(async () => {
    harness = await TestListener.start(clock)
  })

  after(async () => {
    const closing = harness.listener.close()
    await clock.advance(20_000)
    await closing
    harness.session.destroy()
    assert.equal(clock.pendingTimers, 0)
  })

  beforeEach(() => {
    harness.handler = async () => ({ type: 'object', code: 200, object: { kind: 'Pod', n: 1 } })
  })

  test('HTTP/2: what differs in each answer takes no place in the table of headers', async () => {
    const { headers } = await harness.http2('GET', PODS)
    assert.deepEqual(Reflect.get(headers, sensitiveHeaders), ['audit-id'])
  })

  const versions = { 'HTTP/1.1': 'http1', 'HTTP/2': 'http2' } as const
  for (const [version, method] of Object.entries(versions)) {
    const call: TestListener['http1'] = (...args) => harness[method](...args)

    test(`${version}: an object and its headers`, async () => {
      harness.handler = async (request) => {
        request.addWarning('spec.x is deprecated, use "y"')
        request.addWarning('grüße')
        return { type: 'object', code: 201, object: { path: request.path } }
      }
      const { code, headers, body } = await call('GET', `${PODS}/a%20b?x=1`)
      assert.equal(code, 201)
      assert.equal(body.toString(), `{"path":"${PODS}/a b"}\n`)
      assert.equal(headers['content-type'], 'application/json')
      assert.equal(headers['cache-control'], 'no-cache, private')
      assert.equal(headers['content-length'], String(body.length))
      assert.match(String(headers['audit-id']), /^[0-9a-f-]{36}$/)
      const warning = Buffer.from(String(headers['warning']), 'latin1').toString()
      assert.equal(warning, '299 - "spec.x is deprecated, use \\"y\\"", 299 - "grüße"')
    })

    test(`${version}: an answer that is there at once is sent at once`, async () => {
      harness.handler = ({ path }) => ({ type: 'object', code: 200, object: { path } })
      const { code, body } = await call('GET', PODS)
      assert.equal(code, 200)
      assert.equal(body.toString(), `{"path":"${PODS}"}\n`)
      harness.handler = () => {
        throw new StatusError('Forbidden', 'no')
      }
      assert.equal((await call('GET', PODS)).code, 403)
    })

    test(`${version}: a code that cannot be written is told as 500, the rest as it is`, async () => {
      harness.handler = async (request) => {
        throw new StatusError('', 'odd', { code: Number(request.query.get('code')) })
      }
      const codeOf = async (code: number) => {
        const answer = await call('GET', `${PODS}?code=${code}`)
        assert.equal(JSON.parse(answer.body.toString()).code, code)
        return answer.code
      }
      assert.equal(await codeOf(599), 599)
      assert.equal(await codeOf(700), version === 'HTTP/2' ? 500 : 700)
      assert.equal(await codeOf(1000), 500)
    })

    test(`${version}: a StatusError is answered as its Status, YAML where asked for`, async () => {
      harness.handler = async () => {
        throw new StatusError('TooManyRequests', 'later', { details: { retryAfterSeconds: 3 } })
      }
      const { code, headers, body } = await call('GET', PODS, { accept: 'application/yaml' })
      assert.equal(code, 429)
      assert.equal(headers['retry-after'], '3')
      assert.equal(headers['content-type'], 'application/yaml')
      assert.match(
        body.toString(),
        /^apiVersion: v1\ncode: 429\ndetails:\n {2}retryAfterSeconds: 3/,
      )
    })

    test(`${version}: an unexpected error is a 500 without its details`, async () => {
      harness.handler = async () => {
        throw new Error('secret')
      }
      const { code, body } = await call('GET', PODS)
      assert.equal(code, 500)
      assert.doesNotMatch(body.toString(), /secret/)
    })

    test(`${version}: a body arrives whole; one of over 3 MB is a 413`, async () => {
      harness.handler = async (request) => ({
        type: 'object',
        code: 200,
        object: (await request.body()).length,
      })
      const small = await call('POST', PODS, {}, Buffer.alloc(3 * 1024 * 1024))
      assert.equal(small.body.toString(), '3145728\n')
      const large = await call('POST', PODS, {}, Buffer.alloc(3 * 1024 * 1024 + 1))
      assert.equal(large.code, 413)
      assert.match(large.body.toString(), /Request entity too large: limit is 3145728/)
    })

    test(`${version}: several buffers are one body, gzipped if it is large`, async () => {
      const part = Buffer.alloc(100 * 1024, 'x')
      harness.handler = async () => ({
        type: 'encoded',
        code: 200,
        contentType: 'application/json',
        chunks: () => [part, part, part],
        object: () => ({}),
        headers: { vary: 'Accept' },
      })
      const plain = await call('GET', PODS)
      assert.equal(plain.body.length, 300 * 1024)
      const gzipped = await call('GET', PODS, { 'accept-encoding': 'gzip' })
      assert.equal(gzipped.headers['content-encoding'], 'gzip')
      const vary = [plain, gzipped].map(({ headers }) => headers['vary'])
      assert.deepEqual(vary, ['Accept', 'Accept, Accept-Encoding'])
      assert.equal(gunzipSync(gzipped.body).length, 300 * 1024)
      for (const [encodings, expected] of [
        ['deflate, gzip', 'gzip'],
        ['gzip;q=0', undefined],
        ['x-gzip', undefined],
      ] as const) {
        const { headers } = await call('GET', PODS, { 'accept-encoding': encodings })
        assert.equal(headers['content-encoding'], expected, encodings)
      }
    })

    test(`${version}: a long answer is made while it is sent, not at once`, async () => {
      const part = Buffer.alloc(10 * 1024, 'y')
      let made = 0
      let madeAtOnce = 0
      function* parts() {
        setImmediate(() => {
          madeAtOnce = made
        })
        for (made = 0; made < 400; made++) yield part
      }
      harness.handler = async () => ({
        type: 'encoded',
        code: 200,
        contentType: 'application/json',
        chunks: () => assert.fail('it has parts'),
        parts,
        object: () => ({}),
      })
      const plain = await call('GET', PODS)
      assert.equal(plain.headers['content-length'], undefined)
      assert.ok(plain.body.equals(Buffer.alloc(400 * 10 * 1024, 'y')))
      assert.ok(madeAtOnce < 200, `${madeAtOnce} parts were made in one turn`)
      const gzipped = await call('GET', PODS, { 'accept-encoding': 'gzip' })
      assert.equal(gunzipSync(gzipped.body).length, 400 * 10 * 1024)
    })

    test(`${version}: encoded JSON becomes YAML, and is indented for curl`, async () => {
      harness.handler = async () => ({
        type: 'encoded',
        code: 200,
        contentType: 'application/json',
        chunks: () => [Buffer.from('{"kind":"Pod"}\n')],
        object: () => ({ kind: 'Pod', big: 2n ** 60n }),
      })
      const yaml = await call('GET', PODS, { accept: 'application/yaml' })
      assert.equal(yaml.body.toString(), 'big: 1152921504606846976\nkind: Pod\n')
      const curl = await call('GET', PODS, { 'user-agent': 'curl/8' })
      assert.equal(curl.body.toString(), '{\n  "kind": "Pod",\n  "big": 1152921504606846976\n}')
    })

    test(`${version}: HEAD and 304 have no body`, async () => {
      const head = await call('HEAD', PODS)
      assert.equal(head.code, 200)
      assert.equal(head.body.length, 0)
      harness.handler = async () => ({
        type: 'object',
        code: 304,
        object: {},
        headers: { etag: '"1"' },
      })
      const unchanged = await call('GET', PODS)
      assert.equal(unchanged.code, 304)
      assert.equal(unchanged.headers['etag'], '"1"')
    })

    test(`${version}: a request that takes too long is a 504, and is aborted`, async () => {
      let signal: AbortSignal | undefined
      harness.handler = (request) => {
        signal = request.signal
        request.responseHeaders = { 'x-kubernetes-pf-flowschema-uid': '1' }
        return new Promise(() => {})
      }
      const answer = call('GET', `${PODS}?timeout=5s`)
      while (signal === undefined) await setImmediate()
      await clock.advance(5000)
      const { code, body, headers } = await answer
      assert.equal(code, 504)
      assert.equal(headers['content-type'], 'text/plain; charset=utf-8')
      assert.equal(headers['x-kubernetes-pf-flowschema-uid'], undefined)
      assert.equal(
        body.toString(),
        '{"metadata":{},"status":"Failure","message":"Timeout: request did not complete within ' +
          'the allotted timeout","reason":"Timeout","details":{},"code":504}\n',
      )
      assert.ok(signal.aborted)
    })

    test(`${version}: a timeout that is no duration is a 400`, async () => {
      const { code, body } = await call('GET', `${PODS}?timeout=x`)
      assert.equal(code, 400)
      assert.equal(
        JSON.parse(body.toString()).message,
        'invalid timeout specified in the request URL - time: invalid duration "x"',
      )
    })

    test(`${version}: what is sent with a certificate is known, too`, async () => {
      const intermediate = await issueIntermediate(harness.identities.authorityPair)
      const pair = await issueBy(intermediate, 'alice')
      let sent: readonly Uint8Array[] | undefined
      harness.handler = async ({ connection }) => {
        sent = connection?.peerIntermediates
        return { type: 'object', code: 200, object: {} }
      }
      const cert = `${pair.certificate}\n${intermediate.certificate}`
      await call('GET', PODS, {}, undefined, { cert, key: pair.key })
      assert.deepEqual(sent?.map((der) => new X509Certificate(der).fingerprint256).slice(0, 1), [
        new X509Certificate(intermediate.certificate).fingerprint256,
      ])
      await call('GET', PODS)
      assert.deepEqual(sent, [])
    })

    test(`${version}: a certificate of the authority is proof, others are none`, async () => {
      const pair = await harness.identities.client('alice', ['dev'])
      const stranger = await (await createTlsIdentities()).client('alice', ['dev'])
      let subject: string | undefined
      harness.handler = async ({ connection }) => {
        const certificate = connection?.peerCertificate
        subject = certificate && new X509Certificate(certificate).subject
        return { type: 'object', code: 200, object: {} }
      }
      await call('GET', PODS, {}, undefined, { cert: pair.certificate, key: pair.key })
      assert.equal(subject, 'O=dev\nCN=alice')
      await call('GET', PODS)
      assert.equal(subject, undefined)
      const { certificate: cert, key } = stranger
      await call('GET', PODS, {}, undefined, { cert, key })
      assert.equal(subject, undefined)
    })
  }
})
