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
 * undefined where neither is given. `onAuthentication` rejects with why one is not used, which may
 * be another time: until then the last stays in force.
 */
export async function accessReload(
  flags: AccessFlags,
  context: AccessContext & {
    readonly registry: Registry
    readonly serviceAccounts: ServiceAccountSettings
  },
  onAuthentication: (
    configuration: AuthenticationConfiguration,
    signal: AbortSignal,
  ) => Promise<void>,
): Promise<AccessReload | undefined> {
  const { authenticationConfig, authorizationConfig } = flags
  if (authenticationConfig === undefined && authorizationConfig === undefined) return undefined
  const { files, clock, serverId, registry, serviceAccounts } = context
  const follow = async (what: string, path: string | undefined) => {
    if (path === undefined) return undefined
    const [text = ''] = await readFiles([path], files)
    return { path, text, metrics: new ReloadMetrics(registry, what, text, clock, serverId) }
  }
  const authentication = await follow('authentication', authenticationConfig)
  const authorization = await follow('authorization', authorizationConfig)
  /** What can never be used is counted once. */
  let refused: { readonly text: string; readonly error: unknown } | undefined
  const parse = async (text: string) => {
    try {
      return await parseAuthenticationConfiguration(text, serviceAccounts.issuers)
    } catch (error) {
      refused = { text, error }
      throw error
    }
  }
  return {
    async run(onAuthorizers, signal) {
      const poll = (file: Followed | undefined, onChange: (text: string) => Promise<void>) => {
        if (file === undefined) return Promise.resolve()
        const { path, metrics } = file
        const changed = async ([text = '']: readonly string[]) => {
          if (file === authentication && text === refused?.text) throw refused.error
          await metrics.observe(text, () => onChange(text))
        }
        return pollFiles([path], [file.text], changed, context, signal)
      }
      await Promise.all([
        poll(authentication, async (text) => onAuthentication(await parse(text), signal)),
        poll(authorization, async () => {
          const steps = await readAuthorizers(flags, context)
          if (steps !== undefined) onAuthorizers(steps)
        }),
      ])
    },
  }
}

interface Followed {
  readonly path: string
  readonly text: string
  readonly metrics: ReloadMetrics
}
