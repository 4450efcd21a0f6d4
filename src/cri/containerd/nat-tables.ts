import type { Exec } from '../../base/exec.ts'

/** iptables-nft makes these with the first rule that a network plugin asks it for. */
const NAT_TABLES = [
  { table: 'ip nat', iptables: 'iptables' },
  { table: 'ip6 nat', iptables: 'ip6tables' },
]
const HOOKS = ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING']
/** A chain of iptables that hooks into the kernel, without a rule. */
const EMPTY_HOOK =
  /\tchain [A-Z]+ \{\n\t\ttype nat hook \S+ priority [^;]+; policy accept;\n\t\}\n/g

/** Which of the tables are there; undefined where that cannot be found out. */
export async function presentNatTables(exec: Exec): Promise<readonly string[] | undefined> {
  const { code, stdout } = await exec.run('nft', ['list', 'tables'])
  if (code !== 0) return undefined
  const present = new Set(stdout.split('\n'))
  return NAT_TABLES.map(({ table }) => table).filter((table) => present.has(`table ${table}`))
}

/**
 * Removes the tables that were not there `before` plugins were first asked for a network, once they
 * hold nothing but hooks without rules: plugins take back their rules and leave these. A table in
 * which anybody has anything else stays as it is.
 */
export async function removeEmptyNatTables(exec: Exec, before: readonly string[]): Promise<void> {
  for (const { table, iptables } of NAT_TABLES) {
    if (before.includes(table)) continue
    if ((await contentOf(exec, table))?.replaceAll(EMPTY_HOOK, '').trim() !== '') continue
    // One that has got a rule meanwhile is refused, and so is every hook by the older iptables.
    for (const hook of HOOKS) await exec.run(iptables, ['-w', '-t', 'nat', '-X', hook])
    await removeTableIfEmpty(exec, table)
  }
}

/** The kernel would delete a table with all that is in it, so that it is looked at before. */
export async function removeTableIfEmpty(exec: Exec, table: string): Promise<void> {
  const content = await contentOf(exec, table)
  if (content?.trim() === '') await exec.run('nft', ['delete', 'table', ...table.split(' ')])
}

/** What stands between a table's braces; undefined where it is not there. */
async function contentOf(exec: Exec, table: string): Promise<string | undefined> {
  const { code, stdout } = await exec.run('nft', ['list', 'table', ...table.split(' ')])
  const text = stdout.replace(/^#.*\n/gm, '').trim()
  const start = `table ${table} {\n`
  if (code !== 0 || !text.startsWith(start) || !text.endsWith('}')) return undefined
  return text.slice(start.length, -1)
}
