import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isProofBy } from '../authentication/request-header.ts'
import { ServerRequest } from '../request.ts'
import { forwardedHeaders, isUpgrade } from './forward.ts'
import { isProxyableAddress, parseProxyName, splitProxyPath } from './proxy-name.ts'

function request(headers: Record<string, string>): ServerRequest {
  const signal = new AbortController().signal
  return new ServerRequest({ method: 'GET', url: '/', headers, signal })
}

test('nothing by which a client proves who it is reaches another server', () => {
  const token = Buffer.from('s3cret').toString('base64url')
  const forwarded = forwardedHeaders(
    request({
      accept: '*/*',
      authorization: 'Bearer s3cret',
      connection: 'upgrade',
      cookie: 'a=b',
      'impersonate-user': 's3cret',
      'sec-websocket-key': 'key',
      'sec-websocket-protocol': `base64url.bearer.authorization.k8s.io.${token}, v4.channel.k8s.io`,
      'x-remote-user': 's3cret',
      ':authority': 'here',
    }),
  )
  assert.deepEqual(forwarded, {
    accept: '*/*',
    cookie: 'a=b',
    'sec-websocket-key': 'key',
    'sec-websocket-protocol': 'v4.channel.k8s.io',
  })
  const only = { 'sec-websocket-protocol': `base64url.bearer.authorization.k8s.io.${token}` }
  assert.deepEqual(forwardedHeaders(request(only)), {})
})

test('what tells a front proxy’s caller under other names stays here, too', () => {
  const one = request({ accept: '*/*', 'x-my-user': 'admin', 'x-my-extra-scopes': 'all' })
  one.isProof = isProofBy({
    allowedNames: [],
    usernameHeaders: ['X-My-User'],
    uidHeaders: [],
    groupHeaders: ['X-My-Group'],
    extraHeaderPrefixes: ['X-My-Extra-'],
  })
  assert.deepEqual(forwardedHeaders(one), { accept: '*/*' })
})

test('an upgrade is one that says so in both headers', () => {
  assert.ok(isUpgrade(request({ connection: 'keep-alive, Upgrade', upgrade: 'SPDY/3.1' })))
  assert.ok(!isUpgrade(request({ connection: 'Upgrade' })))
  assert.ok(!isUpgrade(request({ upgrade: 'websocket' })))
})

test('the name of what is proxied may have a scheme and a port', () => {
  assert.deepEqual(parseProxyName('web', 'pod'), { scheme: '', name: 'web', port: '' })
  assert.deepEqual(parseProxyName('web:http', 'pod'), { scheme: '', name: 'web', port: 'http' })
  const full = { scheme: 'https', name: 'web', port: '8443' }
  assert.deepEqual(parseProxyName('https:web:8443', 'pod'), full)
  for (const wrong of ['ftp:web:1', ':80', 'a:b:c:d']) {
    assert.throws(() => parseProxyName(wrong, 'pod'), /invalid pod request/)
  }
})

test('the rest of the path is passed on as it was sent', () => {
  const url = '/api/v1/namespaces/a/pods/http:b:80/proxy/c%2Fd/proxy/e?f=%20'
  assert.deepEqual(splitProxyPath(url), {
    base: '/api/v1/namespaces/a/pods/http:b:80/proxy',
    rest: '/c%2Fd/proxy/e?f=%20',
  })
  assert.equal(splitProxyPath('/api/v1/nodes/n/proxy?x=1').rest, '?x=1')
})

test('addresses of the machine itself, of the link and of many are no targets', () => {
  for (const good of [
    '10.0.0.1',
    '192.168.1.5',
    '8.8.8.8',
    'fd00::1',
    '2001:db8::1',
    '64:ff9b::a00:1',
  ]) {
    assert.ok(isProxyableAddress(good), good)
  }
  const bad = ['127.0.0.1', '127.9.9.9', '169.254.169.254', '0.0.0.0', '224.0.0.1', '::1', '::']
  const spelled = ['0:0:0:0:0:0:0:1', '0000::1', '0::1', '64:ff9b::7f00:1', '::127.0.0.1']
  for (const one of [
    ...bad,
    ...spelled,
    '::7f00:1',
    'fe80::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '',
    'localhost',
    '1.2.3',
  ]) {
    assert.ok(!isProxyableAddress(one), one)
  }
})
