import { sendRequest } from '../../base/http-backend.ts'
import { parseDuration } from '../../machinery/duration.ts'
import type { ServerOptions } from '../cluster-options.ts'
import type { Egress } from '../egress/open-egress.ts'
import type { AccessSettings } from './access-settings.ts'
import { readAccess } from './read-access.ts'

/** What the options say about who may come in; the files that they name are read. */
export function openAccess(
  options: ServerOptions,
  serverId: string,
  egress: Egress,
): Promise<AccessSettings> {
  const { access = {}, files, clock, random, logger, serving = {} } = options
  const { serviceAccountSigningKeyFile: signingKeyFile } = serving
  const sends = {
    send: sendRequest,
    sendTo: (network: 'cluster' | 'controlplane') =>
      egress.has(network) ? egress.send(network) : undefined,
  }
  return readAccess(access, { files, clock, random, logger, ...sends, serverId, signingKeyFile })
}

/** How long certificates that are issued to requests live at most. */
export function signingDuration({ access }: ServerOptions): {
  readonly signingDurationMs?: number
} {
  const text = access?.clusterSigningDuration
  if (text === undefined) return {}
  const signingDurationMs = parseDuration(text)
  if (signingDurationMs <= 0) throw new Error('cluster-signing-duration must be greater than 0')
  return { signingDurationMs }
}
