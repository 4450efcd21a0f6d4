import { homedir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'

/** The name of the kubeconfig context, its cluster and its user. */
export const CONTEXT = 'wherry'

type Environment = Readonly<Record<string, string | undefined>>

/** `--data-dir`, else /var/lib/wherry for root and a folder of the user's own for all others. */
export function dataDirectoryOf(given: string | undefined, env: Environment): string {
  if (given !== undefined) return resolve(given)
  if (process.getuid?.() === 0) return '/var/lib/wherry'
  const base = env['XDG_DATA_HOME'] ?? join(homedir(), '.local/share')
  return join(base, 'wherry')
}

/** The file that kubectl writes to: the first of KUBECONFIG, else ~/.kube/config. */
export function kubeconfigPathOf(env: Environment): string {
  const [first] = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '')
  return first === undefined ? join(homedir(), '.kube/config') : resolve(first)
}
