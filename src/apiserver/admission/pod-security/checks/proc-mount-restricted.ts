import type { Check } from '../check.ts'
import { findUnmaskedProc } from './proc-mount.ts'

/** The masks over /proc stay, always. Baseline said so itself before 1.35. */
export const procMountRestricted: Check = {
  id: 'procMount_restricted',
  level: 'restricted',
  revisions: [{ since: 35, overrides: ['procMount'], find: findUnmaskedProc }],
}
