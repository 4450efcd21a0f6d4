import { runOrThrow } from '../../base/exec.ts'
import { formatError } from '../../base/logger.ts'
import { CAP_NET_ADMIN, CAP_SYS_ADMIN, hasCapability } from './capabilities.ts'
import { findCniPlugins, findProgram, type Machine, OCI_RUNTIMES } from './machine-facts.ts'

export interface EnsureContainerdOptions extends Machine {
  /** As `process.platform` says. */
  readonly platform: string
  readonly isRoot: boolean
  /** False: what is missing is only named. */
  readonly mayInstall?: boolean
  /** Told in a sentence what is being done that takes long. */
  readonly progress: (message: string) => void
}

/** Whether real containers can be run here; where not, why, in a form to print. */
export type ContainerAbility =
  | { readonly canRun: true; readonly installed: readonly string[] }
  | { readonly canRun: false; readonly reason: string }

/** Debian's packages, and what of each is needed. */
const PACKAGES: readonly { readonly name: string; readonly programs: readonly string[] }[] = [
  { name: 'containerd', programs: ['containerd'] },
  { name: 'runc', programs: OCI_RUNTIMES },
  { name: 'nftables', programs: ['nft'] },
  { name: 'iproute2', programs: ['ip'] },
  { name: 'iptables', programs: ['iptables'] },
]
const CNI_PACKAGE = 'containernetworking-plugins'

/** How long another run of the package manager is waited for. */
const LOCK_SECONDS = 120

/**
 * Installs what real containers need where it is missing and this process may: as root on a system
 * with apt-get. Debian's own containerd service is not started; ours has its own directories.
 */
export async function ensureContainerd(
  options: EnsureContainerdOptions,
): Promise<ContainerAbility> {
  const { platform, isRoot, files } = options
  if (platform !== 'linux') return cannot(`containers need Linux, and this is ${platform}`)
  if (!isRoot) return cannot('containers need root')
  const status = Buffer.from(await files.readFile('/proc/self/status')).toString()
  for (const [name, bit] of [
    ['CAP_SYS_ADMIN', CAP_SYS_ADMIN],
    ['CAP_NET_ADMIN', CAP_NET_ADMIN],
  ] as const) {
    if (!hasCapability(status, bit)) return cannot(`containers need ${name}, which is not granted`)
  }
  const missing = await missingPackages(options)
  if (missing.length === 0) return { canRun: true, installed: [] }
  if (options.mayInstall === false) {
    return cannot(`${missing.join(', ')} not found, and installing packages was ruled out`)
  }
  const aptGet = await findProgram(files, ['apt-get'])
  if (aptGet === undefined) {
    return cannot(`${missing.join(', ')} not found, and there is no apt-get to install them with`)
  }
  try {
    await installPackages(options, missing)
  } catch (error) {
    return cannot(`installing ${missing.join(', ')} failed: ${formatError(error)}`)
  }
  return { canRun: true, installed: missing }
}

function cannot(reason: string): ContainerAbility {
  return { canRun: false, reason }
}

async function missingPackages({ files }: Machine): Promise<string[]> {
  const missing: string[] = []
  for (const { name, programs } of PACKAGES) {
    if ((await findProgram(files, programs)) === undefined) missing.push(name)
  }
  if ((await findCniPlugins(files)) === undefined) missing.push(CNI_PACKAGE)
  return missing
}

async function installPackages(
  { files, exec, progress }: EnsureContainerdOptions,
  packages: readonly string[],
): Promise<void> {
  const apt = (...args: readonly string[]) =>
    runOrThrow(exec, 'apt-get', ['-qq', '-o', `DPkg::Lock::Timeout=${LOCK_SECONDS}`, ...args], {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    })
  const isListed = (await exec.run('apt-cache', ['show', ...packages])).code === 0
  if (!isListed) {
    progress('updating the package lists (apt-get update)')
    await apt('update')
  }
  progress(`installing ${packages.join(', ')} (apt-get install)`)
  const install = ['install', '-y', '--no-install-recommends', ...packages]
  const service = 'containerd.service'
  const keepsService =
    !packages.includes('containerd') || (await files.stat('/run/systemd/system')) === undefined
  // A mask in /run keeps the package's script from starting the service, and ends with a reboot.
  if (!keepsService) await exec.run('systemctl', ['mask', '--runtime', service])
  try {
    await apt(...install).catch(async () => {
      progress('updating the package lists (apt-get update)') // They name what is there no more.
      await apt('update')
      return apt(...install)
    })
  } finally {
    if (!keepsService) {
      await exec.run('systemctl', ['unmask', '--runtime', service])
      await exec.run('systemctl', ['disable', service])
    }
  }
}
