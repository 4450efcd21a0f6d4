import { dirname, isAbsolute, join, resolve } from 'node:path'
import type { AdmissionPlugin } from '../apiserver/admission/admission.ts'
import {
  type AdmissionConfiguration,
  DEFAULT_ADMISSION,
  parseAdmissionConfiguration,
} from '../apiserver/admission/admission-configuration.ts'
import type { TolerationSeconds } from '../apiserver/admission/default-toleration-seconds.ts'
import type { PluginNames } from '../apiserver/admission/enabled-plugins.ts'
import type { Authorizer } from '../apiserver/authorization/authorizer.ts'
import { admissionPlugins, type Ports } from '../apiserver/compose.ts'
import type { ResourceTable } from '../apiserver/registry/resource-table.ts'
import type { FileSystem } from '../base/file-system.ts'

/** The flags of kube-apiserver that are about admission. */
export interface AdmissionFlags {
  readonly enableAdmissionPlugins?: readonly string[]
  readonly disableAdmissionPlugins?: readonly string[]
  readonly defaultNotReadyTolerationSeconds?: number
  readonly defaultUnreachableTolerationSeconds?: number
  /** The path of an AdmissionConfiguration; other files that it names are beside it. */
  readonly admissionControlConfigFile?: string
}

/** Which plugins judge writes, and what they are told. */
export interface AdmissionSettings {
  readonly names: PluginNames
  readonly configuration: AdmissionConfiguration
}

/** The built-in plugins that the settings leave or switch on. */
export function enabledAdmission(
  resources: ResourceTable,
  ports: Ports,
  authorizer: Authorizer,
  settings: AdmissionSettings | undefined,
): readonly AdmissionPlugin[] {
  const { configuration, names } = settings ?? {}
  return admissionPlugins(resources, ports, authorizer, configuration, names)
}

/** Reads what the flags name. Throws with the file and what is wrong with it. */
export async function openAdmission(
  flags: AdmissionFlags,
  files: FileSystem,
): Promise<AdmissionSettings> {
  const { enableAdmissionPlugins, disableAdmissionPlugins, admissionControlConfigFile } = flags
  const configuration =
    admissionControlConfigFile === undefined
      ? DEFAULT_ADMISSION
      : await readConfiguration(resolve(admissionControlConfigFile), files)
  return {
    names: { enabled: enableAdmissionPlugins ?? [], disabled: disableAdmissionPlugins ?? [] },
    configuration: { ...configuration, tolerationSeconds: tolerationSecondsOf(flags) },
  }
}

function tolerationSecondsOf({
  defaultNotReadyTolerationSeconds: notReady,
  defaultUnreachableTolerationSeconds: unreachable,
}: AdmissionFlags): TolerationSeconds {
  return {
    ...(notReady !== undefined && { 'node.kubernetes.io/not-ready': notReady }),
    ...(unreachable !== undefined && { 'node.kubernetes.io/unreachable': unreachable }),
  }
}

async function readConfiguration(path: string, files: FileSystem): Promise<AdmissionConfiguration> {
  const read = async (file: string) => Buffer.from(await files.readFile(file)).toString()
  try {
    return await parseAdmissionConfiguration(await read(path), (named) =>
      read(isAbsolute(named) ? named : join(dirname(path), named)),
    )
  } catch (cause) {
    throw new Error(`${path}: ${(cause as Error).message}`, { cause })
  }
}
