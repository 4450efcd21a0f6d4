import { type Command, InvalidArgumentError, Option } from 'commander'

/** Each with upstream's name: what follows it, and what it does. */
const FLAGS: readonly (readonly [flag: string, description: string])[] = [
  ['--audit-log-maxage <days>', 'how long old audit logs are kept; 0 for ever (366)'],
  ['--audit-log-maxbackup <count>', 'how many old audit logs are kept; 0 for all (100)'],
  ['--audit-log-maxsize <megabytes>', 'how large an audit log becomes (100)'],
  ['--audit-log-path <file>', 'where audit events go (log/audit.log in the data directory)'],
  ['--audit-policy-file <file>', 'what is audited (audit-policy.yaml in the data directory)'],
  ['--audit-webhook-config-file <file>', 'kubeconfig of a server that audit events are sent to'],
  ['--encryption-provider-config <file>', 'what is stored encrypted, and how (Secrets)'],
  [
    '--encryption-provider-config-automatic-reload [boolean]',
    'use that file anew whenever it changes (false)',
  ],
  ['--max-mutating-requests-inflight <count>', 'writes that are answered at once (200)'],
  ['--max-requests-inflight <count>', 'reads that are answered at once (400)'],
]

/** A command that takes the API server's flags of audit, encryption and flow control. */
export function withSecurityFlags(command: Command): Command {
  for (const [flag, description] of FLAGS) {
    const option = new Option(flag, description).helpGroup(
      'What is logged, encrypted and limited, as of kube-apiserver:',
    )
    if (flag.endsWith('[boolean]')) option.argParser(parseBoolean).preset('true')
    else if (!flag.endsWith('<file>')) option.argParser(parseCount)
    command.addOption(option)
  }
  return command
}

function parseBoolean(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new InvalidArgumentError('It must be true or false.')
}

function parseCount(text: string): number {
  if (/^[0-9]{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number.')
}
