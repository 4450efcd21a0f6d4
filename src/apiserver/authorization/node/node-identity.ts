import type { UserInfo } from '../../request.ts'

const PREFIX = 'system:node:'
const GROUP = 'system:nodes'

/** The node whose kubelet a user is: '' where it does not say; undefined for other users. */
export function nodeNameOf({ name, groups }: UserInfo): string | undefined {
  if (!name.startsWith(PREFIX) || !groups.includes(GROUP)) return undefined
  return name.slice(PREFIX.length)
}
