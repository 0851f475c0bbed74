/** What the services speak that a machine's programs connect to. */

import { findBaseline, getBaseline } from '../../tls/baselines.ts';
import { findCipherSuiteByName } from '../../tls/cipher-suites.ts';
import type { Policy } from '../../tls/policy.ts';
import { tls12, tls13 } from '../../tls/versions.ts';
import type { SourceId } from './sources.ts';

export const azurePolicySources: readonly SourceId[] = ['azureDevOpsTls', 'azureBackupTls'];

/**
 * Azure's services since they gave up TLS 1.0 and 1.1. The suites are those that Azure DevOps states;
 * Azure Backup publishes no list. RSA certificate.
 */
export const azurePolicy: Policy = {
  ...getBaseline('intermediate'),
  name: 'azure',
  source: 'Microsoft, AzureDevOpsTls12Analysis.ps1, 2024-01; Azure Backup, TLS 1.2',
  versions: [tls12, tls13],
  cipherSuites: [
    ...['TLS_AES_256_GCM_SHA384', 'TLS_AES_128_GCM_SHA256'],
    ...['ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES128-GCM-SHA256'],
    ...['DHE-RSA-AES256-GCM-SHA384', 'DHE-RSA-AES128-GCM-SHA256'],
    ...['ECDHE-RSA-AES256-SHA384', 'ECDHE-RSA-AES128-SHA256'],
  ].flatMap((name) => findCipherSuiteByName(name)?.code ?? []),
  preference: 'server',
  groups: [[0x0018, 0x0017]],
  certificates: ['rsa'],
  finiteFieldDh: true,
};

/** A policy by name: Azure's, or one of the baselines. */
export function findServerPolicy(name: string): Policy | undefined {
  return name.trim().toLowerCase() === azurePolicy.name ? azurePolicy : findBaseline(name);
}
