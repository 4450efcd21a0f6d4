import { type Command, Option } from 'commander'

/** A command that takes the API server's flags of admission, under upstream's names. */
export function withAdmissionFlags(command: Command): Command {
  const option = (flag: string, description: string) =>
    new Option(flag, description).helpGroup('What may be written, as of kube-apiserver:')
  const file = 'an AdmissionConfiguration: PodSecurity, ResourceQuota'
  return command
    .addOption(option('--admission-control-config-file <file>', file))
    .addOption(
      option('--disable-admission-plugins <names>', 'of those that are on').argParser(addNames),
    )
    .addOption(
      option('--enable-admission-plugins <names>', 'in addition to those').argParser(addNames),
    )
}

/** Given once with commas, or several times. */
function addNames(text: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), ...text.split(',').filter((name) => name !== '')]
}
