import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { EtcdChoice } from '../cluster/cluster-options.ts'

/** Upstream's flags for an external etcd. */
export interface EtcdOptions {
  readonly etcdServers?: string
  readonly etcdCafile?: string
  readonly etcdCertfile?: string
  readonly etcdKeyfile?: string
  readonly etcdPrefix?: string
  readonly etcdServersOverrides?: string
}

/** Gives a command the flags; those that name stores otherwise have no use for the first. */
export function addEtcdOptions(command: Command): Command {
  if (command.name() !== 'copy') {
    command.option('--etcd-servers <urls>', 'keep the state in this etcd (URLs with commas)')
    command.option('--etcd-prefix <prefix>', 'below which keys stand in it (default: /registry)')
    command.option(
      '--etcd-servers-overrides <overrides>',
      'other etcds for some resources: group/resource#URL;URL, with commas or repeated',
      (value, before: string | undefined) => (before === undefined ? value : `${before},${value}`),
    )
  }
  return command
    .option('--etcd-cafile <path>', 'the authority of its certificates')
    .option('--etcd-certfile <path>', 'the certificate to show to it')
    .option('--etcd-keyfile <path>', 'its key')
}

/** The etcd that the flags name; undefined where they name none. */
export function etcdChoiceOf(options: EtcdOptions): EtcdChoice | undefined {
  const { etcdServers: servers, etcdCafile, etcdCertfile, etcdKeyfile } = options
  if (servers === undefined) {
    if (etcdCafile ?? etcdCertfile ?? etcdKeyfile) {
      throw new Error('files for TLS with etcd were given, but no --etcd-servers')
    }
    if (options.etcdServersOverrides !== undefined) {
      throw new Error('--etcd-servers-overrides needs --etcd-servers for all other resources')
    }
    return undefined
  }
  return {
    servers,
    authorityFile: pathOf(etcdCafile),
    certificateFile: pathOf(etcdCertfile),
    keyFile: pathOf(etcdKeyfile),
    prefix: options.etcdPrefix,
    overrides: options.etcdServersOverrides,
  }
}

function pathOf(given: string | undefined): string | undefined {
  return given === undefined ? undefined : resolve(given)
}
