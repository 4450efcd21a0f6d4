import { spawnSync } from 'node:child_process'

/**
 * A network of its own for a cluster under test: nothing of it is seen outside, and nothing is left
 * when it is deleted. It has one interface with an address and a default route, as a machine has.
 */
export interface TestNetwork extends Disposable {
  /** In front of a command that is to run inside. */
  readonly prefix: readonly string[]
  readonly address: string
}

const ADDRESS = '192.0.2.10'

/** Throws where this process may not make namespaces. */
export function createTestNetwork(): TestNetwork {
  const name = `wherry-test-${process.pid}`
  run('ip', 'netns', 'add', name)
  const inside = ['ip', '-n', name]
  run(...inside, 'link', 'set', 'lo', 'up')
  run(...inside, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth0-peer')
  run(...inside, 'address', 'add', `${ADDRESS}/24`, 'dev', 'eth0')
  run(...inside, 'link', 'set', 'eth0', 'up')
  run(...inside, 'link', 'set', 'eth0-peer', 'up')
  run(...inside, 'route', 'add', 'default', 'via', '192.0.2.1')
  return {
    // Not `ip netns exec`, which would hide the cgroups below a /sys of its own.
    prefix: ['nsenter', `--net=/var/run/netns/${name}`],
    address: ADDRESS,
    [Symbol.dispose]: () => run('ip', 'netns', 'delete', name),
  }
}

function run(...command: readonly string[]): void {
  const [program = '', ...args] = command
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`)
}
