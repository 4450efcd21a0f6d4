import { type Check, hasUserNamespace } from '../check.ts'
import { findUnmaskedProc } from './proc-mount.ts'

/** The masks over /proc stay, unless the pod has a user namespace. */
export const procMountBaseline: Check = {
  id: 'procMount',
  level: 'baseline',
  revisions: [
    { since: 0, find: findUnmaskedProc },
    {
      since: 35,
      find: (pod) => (hasUserNamespace(pod) ? undefined : findUnmaskedProc(pod)),
    },
  ],
}
