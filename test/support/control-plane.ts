import { generateKeyPairSync } from 'node:crypto'
import { versionInfo } from '../../src/apiserver/endpoints/version-info.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import { ControlPlane } from '../../src/cluster/control-plane.ts'
import type { Storage } from '../../src/storage/storage.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** A whole API server that has not been started, without nodes and without an audit log. */
export function openTestControlPlane(storage: Storage, clock: VirtualClock): ControlPlane {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return new ControlPlane({
    ...{ storage, clock, random: seededRandom(1), logger: silentLogger, serverId: 'server' },
    serviceAccountKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    encryption: { transformerOf: () => undefined },
    audit: {
      evaluate: () => ({ level: 'None', omitStages: new Set(), omitManagedFields: false }),
      backends: [],
    },
    version: versionInfo({
      ...{ programVersion: '0.1.0', commit: 'abc', buildDate: '2026-11-21T00:00:00Z' },
      ...{ nodeVersion: 'v20.11.0', os: 'linux', architecture: 'x64' },
    }),
    kubelets: {} as never,
    describe: () => undefined,
    addressOf: () => '192.0.2.1:6443',
  })
}
