import { parseAbacPolicies } from '../../apiserver/authorization/abac-authorizer.ts'
import type { AuthorizerStep } from '../../apiserver/authorization/authorization-chain.ts'
import {
  type AuthorizerSetting,
  authorizersOfModes,
  parseAuthorizationConfiguration,
  type WebhookSettings,
} from '../../apiserver/authorization/authorization-configuration.ts'
import { parseDuration } from '../../machinery/duration.ts'
import type { AccessFlags } from './access-flags.ts'
import { type AccessContext, readFlagFile, webhookOf } from './read-access.ts'

const WEBHOOK_TIMEOUT_MS = 30_000

/** The chain of authorizers that the flags ask for; undefined where they ask for none. */
export async function readAuthorizers(
  flags: AccessFlags,
  context: AccessContext,
): Promise<readonly AuthorizerStep[] | undefined> {
  const settings = await readSettings(flags, context)
  if (settings === undefined) return undefined
  return Promise.all(settings.map((setting) => stepOf(setting, flags, context)))
}

async function readSettings(
  flags: AccessFlags,
  context: AccessContext,
): Promise<readonly AuthorizerSetting[] | undefined> {
  const { authorizationConfig: path, authorizationMode: modes } = flags
  const webhook = webhookByFlags(flags)
  if (path === undefined) {
    return modes === undefined ? undefined : authorizersOfModes(modes, webhook)
  }
  if (modes !== undefined || webhook !== undefined) {
    throw new Error(
      '--authorization-config can not be specified when --authorization-mode or ' +
        '--authorization-webhook-* flags are defined',
    )
  }
  const text = await readFlagFile(path, context)
  try {
    return await parseAuthorizationConfiguration(text)
  } catch (cause) {
    throw new Error(`authorization-config ${path}`, { cause })
  }
}

function webhookByFlags(flags: AccessFlags): WebhookSettings | undefined {
  const path = flags.authorizationWebhookConfigFile
  if (path === undefined) return undefined
  return {
    kubeconfigPath: path,
    timeoutMs: WEBHOOK_TIMEOUT_MS,
    authorizedTtlMs: parseDuration(flags.authorizationWebhookCacheAuthorizedTtl ?? '5m'),
    unauthorizedTtlMs: parseDuration(flags.authorizationWebhookCacheUnauthorizedTtl ?? '30s'),
    version: flags.authorizationWebhookVersion ?? 'v1beta1',
    onFailure: 'NoOpinion',
  }
}

async function stepOf(
  setting: AuthorizerSetting,
  flags: AccessFlags,
  context: AccessContext,
): Promise<AuthorizerStep> {
  const { name } = setting
  if (setting.type === 'Webhook') {
    const { kubeconfigPath, timeoutMs, ...webhook } = setting.webhook
    const post = await webhookOf(kubeconfigPath, timeoutMs, context)
    return { type: 'Webhook', name, post, ...webhook }
  }
  if (setting.type !== 'ABAC') return { type: setting.type, name }
  const path = flags.authorizationPolicyFile
  if (path === undefined) {
    throw new Error("authorization-mode ABAC's authorization policy file not passed")
  }
  return {
    type: 'ABAC',
    name,
    policies: parseAbacPolicies(await readFlagFile(path, context), path),
  }
}
