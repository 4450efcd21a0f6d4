import type { Registry } from 'prom-client'
import {
  type AuthenticationConfiguration,
  parseAuthenticationConfiguration,
} from '../../apiserver/authentication/authentication-configuration.ts'
import { pollFiles, readFiles } from '../poll-file.ts'
import { ReloadMetrics } from '../reload-metrics.ts'
import type { AccessFlags } from './access-flags.ts'
import type { AccessReload, ServiceAccountSettings } from './access-settings.ts'
import type { AccessContext } from './read-access.ts'
import { readAuthorizers } from './read-authorizers.ts'

/**
 * Follows the files of `--authentication-config` and `--authorization-config`, as upstream does;
 * undefined where neither is given. `onAuthentication` throws for what cannot be used.
 */
export async function accessReload(
  flags: AccessFlags,
  context: AccessContext & {
    readonly registry: Registry
    readonly serviceAccounts: ServiceAccountSettings
  },
  onAuthentication: (configuration: AuthenticationConfiguration) => void,
): Promise<AccessReload | undefined> {
  const { authenticationConfig, authorizationConfig } = flags
  if (authenticationConfig === undefined && authorizationConfig === undefined) return undefined
  const { files, clock, serverId, registry, serviceAccounts } = context
  const metricsOf = (what: string) => new ReloadMetrics(registry, what, clock, serverId)
  const authentication = await followed(authenticationConfig, files)
  const authorization = await followed(authorizationConfig, files)
  const reloads = {
    authentication: metricsOf('authentication'),
    authorization: metricsOf('authorization'),
  }
  return {
    async run(onAuthorizers, signal) {
      const follow = (file: Followed | undefined, onChange: (text: string) => Promise<void>) =>
        file === undefined
          ? Promise.resolve()
          : pollFiles([file.path], [file.text], ([text = '']) => onChange(text), context, signal)
      await Promise.all([
        follow(authentication, (text) =>
          reloads.authentication.observe(async () => {
            const { issuers } = serviceAccounts
            onAuthentication(await parseAuthenticationConfiguration(text, issuers))
          }),
        ),
        follow(authorization, () =>
          reloads.authorization.observe(async () => {
            const steps = await readAuthorizers(flags, context)
            if (steps !== undefined) onAuthorizers(steps)
          }),
        ),
      ])
    },
  }
}

interface Followed {
  readonly path: string
  readonly text: string
}

async function followed(
  path: string | undefined,
  files: AccessContext['files'],
): Promise<Followed | undefined> {
  if (path === undefined) return undefined
  const [text = ''] = await readFiles([path], files)
  return { path, text }
}
