/** `kubeadm kubeconfig user`: a kubeconfig for somebody else, printed. */
import { certificatePem } from '#engine/base/pki/certificate'
import { privateKeyPem } from '#engine/base/pki/keys'
import { duration, string, strings } from '#engine/programs/common/cobra/flags'
import { noArgs, type Command, type Invocation } from '#engine/programs/common/cobra/command'
import { issueClient, newKey, readAuthority, type CertificateContext } from '../certificates'
import { readGiven } from '../config'
import { defaultCluster, defaultInit, overlay, readConfiguration } from '../configuration'
import { server } from '../control-plane'
import { kubeconfigYaml, type KubeconfigUser } from '../kubeconfigs'
import { KubeadmError, Session } from '../session'
import { ownAddress } from '../address'

export const kubeconfigCommand: Command = {
  use: 'kubeconfig',
  short: 'Kubeconfig file utilities',
  commands: [{
    use: 'user',
    short: 'Output a kubeconfig file for an additional user',
    args: noArgs,
    flags: [
      string('client-name', 'The name of user. It will be used as the CN if client certificates are created', { required: true }),
      string('config', 'Path to a kubeadm configuration file.'),
      strings('org', 'The organizations of the client certificate. It will be used as the O if client certificates are created'),
      string('token', 'The token that should be used as the authentication mechanism for this kubeconfig, instead of client certificates'),
      duration('validity-period', 'The validity period of the client certificate, as an offset from the current time.', { default: 8760 * 3_600_000, defaultText: '8760h0m0s' }),
    ],
    run: user,
  }],
}

async function user(invocation: Invocation): Promise<number> {
  const { process, flags } = invocation
  const session = new Session(process)
  const given = flags.string('config') === '' ? {} : readConfiguration(readGiven(invocation, flags.string('config')))
  const init = overlay(defaultInit(session.hostname(), given.init?.localAPIEndpoint?.advertiseAddress ?? (await ownAddress(session)), ''), given.init)
  const cluster = { ...overlay(defaultCluster(), given.cluster), certificateValidityPeriod: `${flags.number('validity-period') / 1000}s` }
  const plane = { cluster, nodeName: init.nodeRegistration.name, advertiseAddress: init.localAPIEndpoint.advertiseAddress, bindPort: init.localAPIEndpoint.bindPort }
  const authority = `${cluster.certificatesDir}/ca`
  if (!process.files.exists(`${authority}.crt`)) throw new KubeadmError(`couldn't load CA certificate: couldn't load the certificate file ${authority}.crt: open ${authority}.crt: no such file or directory`)
  const name = flags.string('client-name')
  const credentials = flags.string('token') === '' ? certificateOf({ process, ...plane }, authority, name, flags.list('org')) : { token: flags.string('token') }
  await process.stdout.write(`${kubeconfigYaml({ clusterName: cluster.clusterName, server: server(plane), authority: process.files.readText(`${authority}.crt`), user: name, credentials })}\n`)
  return 0
}

function certificateOf(context: CertificateContext, authority: string, commonName: string, organizations: readonly string[]): KubeconfigUser {
  const key = newKey(context.process)
  const certificate = issueClient(context, readAuthority(context.process, authority), key, { commonName, organizations, usages: ['clientAuth'] })
  return { certificate: certificatePem(certificate), key: privateKeyPem(key, 'traditional') }
}
