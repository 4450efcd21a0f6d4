import { type Command, Option } from 'commander'
import { addToList, parseCount } from './flag-values.ts'

/** A command that takes the API server's flags of admission, under upstream's names. */
export function withAdmissionFlags(command: Command): Command {
  const option = (flag: string, description: string) =>
    new Option(flag, description).helpGroup('What may be written, as of kube-apiserver:')
  const file = 'an AdmissionConfiguration: PodSecurity, ResourceQuota'
  return command
    .addOption(option('--admission-control-config-file <file>', file))
    .addOption(
      option('--disable-admission-plugins <names>', 'of those that are on').argParser(addToList),
    )
    .addOption(
      option(
        '--default-not-ready-toleration-seconds <seconds>',
        'how long pods stay on nodes that are not ready (300)',
      ).argParser(parseCount),
    )
    .addOption(
      option(
        '--default-unreachable-toleration-seconds <seconds>',
        'and on nodes that are unreachable (300)',
      ).argParser(parseCount),
    )
    .addOption(
      option('--enable-admission-plugins <names>', 'in addition to those').argParser(addToList),
    )
}
