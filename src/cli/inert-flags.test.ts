import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Command } from 'commander'
import { withApiServerFlags } from './apiserver.ts'
import { INERT_FLAGS } from './inert-flags.data.ts'
import { withInertFlags } from './inert-flags.ts'

function parse(...args: string[]): readonly string[] {
  const warnings: string[] = []
  const command = withInertFlags(new Command('x'), warnings).exitOverride()
  command.parse(args, { from: 'user' })
  return warnings
}

test('a flag that asks for what is done anyway is taken without a word', () => {
  assert.deepEqual(
    parse('--allow-privileged=true', '--watch-cache', '--log-flush-frequency=5s'),
    [],
  )
})

test('one that changes nothing is warned of, one that nobody could miss is refused', () => {
  const [warning = ''] = parse('--feature-gates=A=true')
  assert.equal(warning, '--feature-gates=A=true has no effect: features are as by default')
  assert.throws(() => parse('--debug-socket-path=/tmp/a'), /behind authentication/)
})

test('every flag has one meaning, and every flag of a usual installer is known', () => {
  const { options } = withApiServerFlags(new Command('apiserver'))
  const names = options.map(({ long }) => long)
  assert.equal(new Set(names).size, names.length)
  const inert = new Set(INERT_FLAGS.map(({ flag }) => flag.split(' ')[0]))
  assert.ok(!inert.has('--secure-port'))
  // As kubeadm v1.36 writes them into the manifest of its kube-apiserver.
  const installer = [
    ...['--advertise-address', '--allow-privileged', '--authorization-mode', '--client-ca-file'],
    ...['--enable-admission-plugins', '--enable-bootstrap-token-auth', '--etcd-cafile'],
    ...['--etcd-certfile', '--etcd-keyfile', '--etcd-servers', '--kubelet-client-certificate'],
    ...['--kubelet-client-key', '--kubelet-preferred-address-types', '--proxy-client-cert-file'],
    ...['--proxy-client-key-file', '--requestheader-allowed-names'],
    ...['--requestheader-client-ca-file', '--requestheader-extra-headers-prefix'],
    ...['--requestheader-group-headers', '--requestheader-username-headers', '--secure-port'],
    ...['--service-account-issuer', '--service-account-key-file'],
    ...['--service-account-signing-key-file', '--service-cluster-ip-range', '--tls-cert-file'],
    ...['--tls-private-key-file'],
  ]
  for (const flag of installer) assert.ok(names.includes(flag), flag)
})
