import assert from 'node:assert/strict'
import { webcrypto } from 'node:crypto'
import { test } from 'node:test'
import { PemConverter, X509CertificateGenerator } from '@peculiar/x509'
import { createTlsIdentities } from '../../test/support/tls-identities.ts'
import { VirtualClock } from '../../test/support/virtual-clock.ts'
import type { AuthenticationFacts } from '../apiserver/bootstrap/authentication-config-map.ts'
import type { Listener, ListenerTls } from '../apiserver/listener/listener.ts'
import type { FileSystem } from '../base/file-system.ts'
import { createLogger } from '../base/logger.ts'
import { followFrontProxy } from './certificates/front-proxy.ts'
import { ConnectionTrust } from './connection-trust.ts'
import { pollFiles } from './poll-file.ts'
import { ServingTls } from './serving-tls.ts'

/** Files in memory, and all that is logged. */
function createContext(texts: Record<string, string>) {
  const lines: string[] = []
  const readFile = async (path: string) => {
    const text = texts[path]
    if (text === undefined) throw new Error(`${path} is not there`)
    return Buffer.from(text)
  }
  const stop = new AbortController()
  const options = {
    files: { readFile } as unknown as FileSystem,
    clock: new VirtualClock(),
    logger: createLogger((_level, message, fields) =>
      lines.push([message, fields?.['error']].filter(Boolean).join(': ')),
    ),
  }
  return { texts, lines, stop, options }
}

/** OpenSSL keeps a certificate of each kind of key for a connection. */
async function createRsaPair() {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048 }
  const exponent = { publicExponent: new Uint8Array([1, 0, 1]) }
  const keys = await webcrypto.subtle.generateKey({ ...algorithm, ...exponent }, true, [
    'sign',
    'verify',
  ])
  const signed = { name: 'CN=rsa', keys, signingAlgorithm: algorithm }
  const certificate = await X509CertificateGenerator.createSelfSigned(signed)
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    certificate: certificate.toString('pem'),
    key: PemConverter.encode(key, 'PRIVATE KEY'),
  }
}

const names = {
  allowedNames: ['p'],
  usernameHeaders: [],
  uidHeaders: [],
  groupHeaders: [],
  extraHeaderPrefixes: [],
}

/** A listener that notes by whose certificates it lets clients in. */
function noteAuthorities(noted: string[]): Listener {
  const updateCertificates = (tls: ListenerTls) => void noted.push(tls.clientAuthority)
  return { updateCertificates } as unknown as Listener
}

test('changes are told once they can be read and used, and refusals once', async () => {
  const { texts, lines, stop, options } = createContext({ a: '1', b: '1' })
  const seen: string[] = []
  const onChange = ([a = '', b = '']: readonly string[]) => {
    if (a !== b) throw new Error('they do not match')
    seen.push(a + b)
  }
  const done = pollFiles(['a', 'b'], ['1', '1'], onChange, options, stop.signal)
  const { clock } = options
  await clock.advance(20_000)
  texts['a'] = '2'
  await clock.advance(20_000)
  assert.deepEqual(lines, ['a changed configuration is not used: they do not match'])
  delete texts['b']
  await clock.advance(20_000)
  texts['b'] = '2'
  await clock.advance(20_000)
  assert.deepEqual(seen, ['22'])
  assert.deepEqual(lines.slice(1), ['a configuration was read again'])
  stop.abort()
  await done
})

test('the server is served with the files of its flags as they are now', async () => {
  const [one, two, clients] = await Promise.all([1, 2, 3].map(createTlsIdentities))
  assert.ok(one !== undefined && two !== undefined && clients !== undefined)
  const { texts, lines, stop, options } = createContext({
    ...{ crt: one.server.certificate, key: one.server.key },
    ca: one.authority,
  })
  const flags = { tlsCertFile: 'crt', tlsPrivateKeyFile: 'key', clientCaFile: 'ca' }
  const serving = await ServingTls.open(flags, 'OWN', options.files)
  assert.equal(serving.clientAuthority, `${one.authority.trimEnd()}\nOWN`)
  const served: ListenerTls[] = []
  const own = { certificate: '', key: '' }
  const onChange = async (tls: ListenerTls) => void served.push(tls)
  const done = serving.follow(own, onChange, options, stop.signal)
  texts['crt'] = two.server.certificate
  await options.clock.advance(10_000)
  assert.equal(served.length, 0, 'a certificate without its key is not served')
  assert.match(lines.join(), /key values mismatch/)
  texts['key'] = two.server.key
  texts['ca'] = clients.authority
  await options.clock.advance(10_000)
  assert.deepEqual(served, [
    { ...two.server, clientAuthority: `${clients.authority.trimEnd()}\nOWN` },
  ])
  stop.abort()
  await done
  await assert.rejects(ServingTls.open({ tlsCertFile: 'crt' }, '', options.files), /together/)
  const noCertificate = { clientCaFile: 'key' }
  await assert.rejects(
    ServingTls.open(noCertificate, '', options.files),
    /key holds no certificate/,
  )
})

test('certificates for names have their own files, and their own names where none are given', async () => {
  const [one, two] = await Promise.all([1, 2].map(createTlsIdentities))
  assert.ok(one !== undefined && two !== undefined)
  const { certificate, key } = two.server
  const { options } = createContext({ c: certificate, k: key, other: one.server.key })
  const open = (...tlsSniCertKey: string[]) =>
    ServingTls.open({ tlsSniCertKey }, 'OWN', options.files)
  const serving = await open('c, k:a.example,*.b.example', 'c,k')
  const rsa = await createRsaPair()
  const { named, ...rest } = serving.with(one.server)
  assert.deepEqual(rest, { ...one.server, clientAuthority: 'OWN' })
  assert.deepEqual(named, [
    { names: ['a.example', '*.b.example'], certificate, key },
    { names: ['localhost'], certificate, key },
  ])
  assert.throws(() => serving.with(rsa), /has a key of type ec, the usual one of type rsa/)
  await assert.rejects(open('c'), /expected comma separated certificate and key file paths/)
  await assert.rejects(open('c,k:'), /empty names list is not allowed/)
  await assert.rejects(open('c,other'), /mismatch/)
})

test('proxies in front, and aggregated servers, meet the certificates of now', async () => {
  const identities = await createTlsIdentities()
  const client = await identities.client('p')
  const { texts, lines, stop, options } = createContext({
    ...{ ca: 'ONE', crt: client.certificate, key: 'no key' },
  })
  const listened: string[] = []
  const published: AuthenticationFacts[] = []
  const connections = new ConnectionTrust({
    frontProxy: { authority: 'ONE', names },
    publish: async (facts) => void published.push(facts),
  })
  connections.add(noteAuthorities(listened))
  const tls = { ...identities.server, clientAuthority: 'CLIENTS' }
  assert.equal(connections.begin(tls).clientAuthority, 'CLIENTS\nONE')
  const proved: string[] = []
  const flags = {
    ...{ requestheaderClientCaFile: 'ca' },
    ...{ proxyClientCertFile: 'crt', proxyClientKeyFile: 'key' },
  }
  const aggregated = { updateIdentity: ({ key }: { key: string }) => void proved.push(key) }
  const users = { connections, aggregated }
  const done = followFrontProxy(flags, users, options, stop.signal)
  await options.clock.advance(10)
  texts['ca'] = 'TWO'
  texts['key'] = 'no key either'
  await options.clock.advance(10_000)
  assert.deepEqual(listened, ['CLIENTS\nTWO'])
  assert.deepEqual(published, [
    { clientAuthority: 'CLIENTS', frontProxy: { authority: 'TWO', names } },
  ])
  assert.equal(proved.length, 0)
  assert.match(lines.join(), /a changed configuration is not used/)
  texts['key'] = client.key
  await options.clock.advance(10_000)
  assert.deepEqual(proved, [client.key])
  await connections.updateTls({ ...tls, clientAuthority: 'OTHERS' })
  assert.deepEqual(listened.slice(1), ['OTHERS\nTWO'])
  stop.abort()
  await done
})
